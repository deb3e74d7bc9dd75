/// Why the keyring of a login does not do its part for keys that are bound to it, or are to be.
package enum KeyringProblem: Error, CaseIterable, Equatable, Sendable {
    /// There is none here: no session of a desktop, or no program that keeps one.
    case unreachable
    /// It is locked.
    case locked
    /// It did not answer in time.
    case silent
    /// It has no part of these keys.
    case missing
    /// What it keeps for these keys is something else.
    case different
    /// It has no place for what has to outlast the session.
    case noPlace
    /// It did not keep what it was given, or does not give it back.
    case refused
}

extension KeyringProblem {
    /// What happened, what was kept and what to do, in both languages.
    package var texts: Bilingual {
        switch self {
        case .unreachable:
            Bilingual(
                "The keyring of your login cannot be reached from here: this is no session of a desktop, or no program keeps one. Nothing was changed, and it counts as no try. Do it in the session in which you bound your keys. \(Self.lost.english)",
                "在此无法访问您的登录密钥环：这里不是桌面会话，或没有管理密钥环的程序。未作任何更改，也不计入错误次数。请在当初绑定密钥的会话中操作。\(Self.lost.chinese)"
            )
        case .locked:
            Bilingual(
                "The keyring of your login is locked. Nothing was changed, and it counts as no try. Unlock it with the program for your passwords, or log out and in, then do this again.",
                "您的登录密钥环已锁定。未作任何更改，也不计入错误次数。请用系统的密码管理程序解锁，或重新登录，然后重试。")
        case .silent:
            Bilingual(
                "The keyring of your login did not answer in time. Nothing was changed, and it counts as no try. Do this again; if that goes on, log out and in.",
                "您的登录密钥环没有及时应答。未作任何更改，也不计入错误次数。请重试；如持续如此，请重新登录。")
        case .missing:
            Bilingual(
                "The keyring of this login does not have its part of your keys: they were bound in another login, or the keyring was made anew. Nothing was changed, and it counts as no try. Use the login in which you bound them, or restore its keyring from a backup. \(Self.lost.english)",
                "此登录的密钥环中没有您密钥的那一部分：密钥是在另一登录中绑定的，或密钥环已重建。未作任何更改，也不计入错误次数。请使用当初绑定的登录，或从备份恢复其密钥环。\(Self.lost.chinese)"
            )
        case .different:
            Bilingual(
                "What the keyring of your login keeps for your keys is not what they were bound with. Nothing was changed, and it counts as no try. Restore the keyring from a backup. \(Self.lost.english)",
                "登录密钥环中为您的密钥保存的内容与绑定时不同。未作任何更改，也不计入错误次数。请从备份恢复密钥环。\(Self.lost.chinese)")
        case .noPlace:
            Bilingual(
                "This login has no keyring that lasts: what it keeps is gone when you log out. Nothing was changed. Make a default keyring with the program for your passwords, then do this again.",
                "此登录没有可长期保存的密钥环：注销后内容即丢失。未作任何更改。请用系统的密码管理程序建立默认密钥环，然后重试。")
        case .refused:
            Bilingual(
                "The keyring of your login did not take or give what was asked of it. Nothing was changed, and it counts as no try. Look whether its disk is full, then do this again.",
                "您的登录密钥环未能保存或提供所需内容。未作任何更改，也不计入错误次数。请检查磁盘是否已满，然后重试。")
        }
    }

    private static let lost = Bilingual(
        "If it is gone for good, add this machine again from another device of yours:  accord join CODE --node URL --new-keys",
        "如密钥环已永久丢失，请从您的另一台设备重新添加本机：  accord join 代码 --node 地址 --new-keys")
}

/// What is said about keys that are bound to the keyring of a login.
package enum KeyringText: CaseIterable, Sendable {
    case meaning, whenLost, onlyDevice, export, copies, noPassphrase, typeYes, bound, unbound
    case boundAlready, notBound, lockedLine
    case withPassphrase, withKeyringToo, withKeyringAlone, withNothing
    case settingBoth, settingAlone, removed, askNew, isBound, unbinding, boundHere
}

extension KeyringText {
    /// The text in both languages.
    package var texts: Bilingual {
        switch self {
        case .meaning:
            Bilingual(
                "From now on your keys open only with the keyring of this login, in its session: who has a copy of your files cannot guess at them without it.",
                "此后您的密钥只能在此登录的会话中借助其密钥环打开：仅有文件副本的人无法猜测。")
        case .whenLost:
            Bilingual(
                "If that keyring is lost (a new login, a new system, a password somebody reset), the keys on this machine are lost with it. Your decisions stand in the ledger, and this machine is added again from another device of yours:  accord join CODE --node URL --new-keys",
                "如密钥环丢失（新登录、新系统、密码被他人重置），本机密钥随之丢失。您的决定仍在账本中，可从您的另一台设备重新添加本机：  accord join 代码 --node 地址 --new-keys"
            )
        case .onlyDevice:
            Bilingual(
                "You have no other device. Add one first (accord devices add): without one nobody can bring your keys back.",
                "您没有其他设备。请先添加一台（accord devices add）：否则无人能恢复您的密钥。")
        case .export:
            Bilingual(
                "An export (accord export DIR) holds your records, decisions and proofs, and no keys: nobody can sign with it.",
                "导出（accord export 文件夹）包含您的记录、决定和证明，不含密钥：无法用它签名。")
        case .copies:
            Bilingual(
                "A copy of your files made before this opens as it did.", "此前制作的文件副本仍可照旧打开。")
        case .noPassphrase:
            Bilingual(
                "You have no passphrase: whoever uses your login while the keyring is unlocked can sign in your name.",
                "您没有口令：在密钥环解锁时使用您登录的人都能以您的名义签名。")
        case .typeYes: Bilingual("Type yes to bind them:", "如要绑定请输入 yes：")
        case .bound:
            Bilingual(
                "Your keys are bound to the keyring of this login. To undo it:  accord passphrase --no-keyring",
                "密钥已绑定到此登录的密钥环。如需解除：  accord passphrase --no-keyring")
        case .unbound:
            Bilingual(
                "Your keys need the keyring no more: a copy of your files made from now on is as safe as your passphrase.",
                "密钥不再需要密钥环：此后制作的文件副本仅受口令保护。")
        case .boundAlready:
            Bilingual(
                "Your keys are bound to the keyring of this login already. Nothing was changed.",
                "密钥已绑定到此登录的密钥环，未作任何更改。")
        case .notBound:
            Bilingual(
                "Your keys are not bound to a keyring. Nothing was changed.", "密钥未绑定密钥环，未作任何更改。")
        case .lockedLine:
            Bilingual(
                "Your keys are bound to the keyring of your login, which did not open them. Nothing was changed. Unlock the keyring, then try again.",
                "您的密钥绑定到登录密钥环，而密钥环未能打开它们。未作任何更改。请解锁密钥环后重试。")
        case .withPassphrase: Bilingual("under your passphrase", "由您的口令保护")
        case .withKeyringToo:
            Bilingual("under your passphrase and the keyring of your login", "由您的口令和登录密钥环保护")
        case .withKeyringAlone:
            Bilingual(
                "under the keyring of your login, no passphrase: whoever uses your login can sign in your name",
                "由登录密钥环保护，没有口令：使用您登录的人都能以您的名义签名")
        case .withNothing:
            Bilingual(
                "no passphrase: whoever can read your files can sign in your name",
                "没有口令：能读取您文件的人都可代您签名")
        case .isBound:
            Bilingual(
                "Your keys are bound to the keyring of this login: a copy of your files cannot be guessed at without it.",
                "密钥已绑定到此登录的密钥环：没有它，文件的副本无法被猜解。")
        case .unbinding:
            Bilingual(
                "When they need it no more, a copy of your files made from then on is as safe as your passphrase.",
                "解除绑定后，此后制作的文件副本仅受口令保护。")
        case .boundHere:
            Bilingual(
                "Your keys are bound to the keyring of this login. The same command undoes it.",
                "密钥已绑定到此登录的密钥环。同一命令可解除绑定。")
        case .settingBoth: Bilingual("on, with keyring", "开启，含密钥环")
        case .settingAlone: Bilingual("off, keyring alone", "关闭，仅密钥环")
        case .removed:
            Bilingual(
                "Your keys have no passphrase: whoever uses your login while its keyring is unlocked can sign in your name.",
                "密钥没有口令：在密钥环解锁时使用您登录的人都能以您的名义签名。")
        case .askNew:
            Bilingual(
                "Type a new passphrase: five words or more. Leave it empty to have none: then whoever uses your login while its keyring is unlocked can sign in your name.",
                "请输入新口令：建议五个以上的词。留空则不设口令：此时在密钥环解锁时使用您登录的人都可代您签名。")
        }
    }

    /// How keys are sealed.
    package static func sealing(passphrase: Bool, keyring: Bool) -> KeyringText {
        switch (passphrase, keyring) {
        case (true, true): .withKeyringToo
        case (true, false): .withPassphrase
        case (false, true): .withKeyringAlone
        case (false, false): .withNothing
        }
    }
}
