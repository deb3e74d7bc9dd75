package import LedgerCore
package import SyncCore
package import TerminalCore

/// Why something did not work, as a person is told it: what happened, what was kept, what to do.
package enum Trouble: Equatable, Sendable {
    /// The disk is full.
    case diskFull
    /// The disk cannot be read or written.
    case diskFails
    /// Another program held the store for too long.
    case storeBusy
    /// A newer program wrote the store.
    case storeTooNew
    /// The store is damaged.
    case storeDamaged
    /// The store was damaged, and what could be saved was put into a new one.
    case storeMended(StoreMending)
    /// The store cannot be opened or written.
    case storeUnavailable
    case notJoined
    case vaultExists
    case wrongPassphrase
    case vaultDamaged
    case vaultLocked
    /// The keys were destroyed after too many wrong passphrases.
    case vaultWiped
    /// The keyring of the login does not do its part for keys that are bound to it.
    case keyring(KeyringProblem)
    /// The passphrase is wrong, and after so many more wrong ones the keys are destroyed.
    case lastTries(left: Int)
    /// Others can read a folder or file at this path.
    case othersCanRead(path: String)
    /// A folder or file belongs to another user.
    case notOwned(path: String)
    case notWritable(path: String)
    case notReadable(path: String)
    /// A folder for a visit lies on a disk.
    case notInMemory(path: String)
    /// Another program has a folder for a visit.
    case folderInUse(path: String)
    /// A folder to write into holds something already.
    case folderNotEmpty(path: String)
    case recordMissing
    case nothingLeft
    /// Other rows would leave than those that were shown.
    case rowsChanged
    /// What would leave is longer than a node takes.
    case tooMuchLeaves
    case proofMissing
    case noDemo
    case notACode
    case codeRefused
    case nodeNotGenuine
    /// A file is no policy of witnesses, and why.
    case noPolicy(path: String, why: WitnessPolicyError)
    /// A policy of witnesses is for another ledger.
    case policyElsewhere
    case enrolmentRefused
    case nodeUnreachable
    case nodeSilent
    case nodeNonsense
    case witnessesMissing
    case versionDiffers
    /// The secret typed to confirm an authorization is not right.
    case wrongSecret
    /// It was tried too often; it can be tried again after so many minutes.
    case secretWait(minutes: Int)
    /// It was sent, so it cannot be taken back on this machine.
    case cannotUndoSent
    /// A later decision follows it.
    case cannotUndoFollowed
    /// The project wants it, and the vault has none.
    case noSecret
    /// No minor of that name or account is kept on this machine.
    case noWard
    /// The name of a minor is empty or too long.
    case wardNeedsName
    /// Another minor is called so.
    case wardNameTaken
    /// A device was removed, and may still sign for these minors.
    case wardsLeft(names: [String], device: String)
    /// A device was added, and does not act for these minors yet.
    case wardsNotHandedOver(names: [String])
    /// This machine was added, and could make no place for these minors.
    case wardsNotTakenOver(names: [String])
    /// These minors cannot be opened on this machine: what waits for them is not sent.
    case wardsClosed(names: [String])
    /// The keys of these contributions do not open any more on this machine.
    case keysDamaged(of: [ContributionName])
    /// An authorization was signed, and another device has the keys of these contributions.
    case keysElsewhere(of: [ContributionName])
    /// On a shared machine: it could not be sent, and was taken back.
    case notSent
    /// On a shared machine: its files are nobody's business.
    case filesNotHere
    /// On a shared machine: it was sent, and the node has not answered yet.
    case noAnswerYet
    /// The node said no, and why.
    case nodeRefuses(LocalizedText)
    /// An error said itself what to tell.
    case told(String)
    /// What has no words of its own: the reason as the program gives it, in English.
    case other(String)
}

extension Trouble: ExpressibleByStringLiteral {
    /// Makes a trouble without words of its own.
    package init(stringLiteral reason: String) { self = .other(reason) }
}

extension Trouble {
    /// The text in both languages; `{0}` stands for a path or a reason.
    package var texts: Bilingual {
        switch self {
        case .folderNotEmpty(let path):
            Bilingual(
                "\(path) is not empty: nothing was written. Choose a new folder.",
                "\(path) 不是空文件夹，未写入任何内容。请选择新文件夹。")
        case .filesNotHere:
            Bilingual(
                "Files of this machine are not used at a shared screen. Nothing was read or written.",
                "公共屏幕上不使用本机文件，没有读取或写入任何内容。")
        case .wrongSecret:
            Bilingual(
                "That is not your passphrase. Nothing was signed. Type it again.",
                "口令不正确，没有签署任何内容。请重新输入。")
        case .vaultWiped:
            Bilingual(
                "The keys on this machine were destroyed after 10 wrong passphrases, or given up for new ones. Your decisions stand in the ledger, and what waited to be sent is kept. Add this machine again from another device of yours (Settings → Devices there); without one, ask the people who run the ledger.",
                "本机密钥已因口令连续错误 10 次而销毁，或已弃用并换新。您的决定仍在账本中，等待发送的内容也已保留。请从您的另一台设备重新添加本机（在该设备的“设置 → 设备”中）；如没有其他设备，请联系账本管理者。"
            )
        case .keyring(let problem): problem.texts
        case .lastTries(let left):
            Bilingual(
                "That is not your passphrase. Tries left before the keys on this machine are destroyed: \(left).",
                "口令不正确。再错 \(left) 次，本机密钥将被销毁。")
        case .secretWait(let minutes):
            Bilingual(
                "Too many wrong tries. Try again in \(minutes) min.",
                "错误次数过多，请 \(minutes) 分钟后再试。")
        case .noWard:
            Bilingual(
                "There is no child of that name on this machine: see  accord wards",
                "本机没有该称呼的孩子：请用  accord wards  查看")
        case .wardNeedsName:
            Bilingual(
                "A name has 1 to 100 letters. Nothing was signed. Choose another.",
                "称呼须为 1 至 100 个字符，没有签署任何内容。请另选。")
        case .wardNameTaken:
            Bilingual(
                "A child in your care is called so already. Nothing was signed. Choose another name.",
                "已有同名的孩子，没有签署任何内容。请另选称呼。")
        case .wardsLeft(_, let device):
            Bilingual(
                "For {0} the device may still sign; for you it may not any more. Once the node can be reached, run  accord devices remove \(device)",
                "该设备已不能代表您签名，但仍可能代表 {0} 签名。能连接节点后，请运行  accord devices remove \(device)")
        case .wardsNotHandedOver:
            Bilingual(
                "The device was added and signs for you, but not for {0} yet: here that account cannot be opened, or is not in step. Nothing of it was changed. Once  accord sync  works for it here, show a new code and add the same device again.",
                "设备已添加，可代表您签名，但尚不能代表 {0} 签名：其账户在本机无法打开或尚未同步，未作任何更改。待本机  accord sync  对其正常后，请生成新代码并再次添加同一设备。"
            )
        case .wardsNotTakenOver:
            Bilingual(
                "This machine was added and signs for you, but not for {0}: there was no place for that account. See that the disk has room and the folder belongs to you, then add this machine again with a new code.",
                "本机已添加，可代表您签名，但尚不能代表 {0} 签名：无法为其账户建立存储。请确认磁盘空间及文件夹权限，然后用新代码再次添加本机。")
        case .wardsClosed:
            Bilingual(
                "The account of {0} cannot be opened on this machine: what waits there is kept and not sent; all else goes on. Restore its files, or add this machine again from another device of yours (Settings → Devices there).",
                "本机无法打开 {0} 的账户：等待的内容已保留，但不会发送；其他一切照常。请恢复其文件，或从您的另一台设备重新添加本机（在该设备的“设置 → 设备”中）。")
        case .keysDamaged:
            Bilingual(
                "The key of what you contributed is damaged on this machine: {0}. A new authorization cannot open it from here; all else goes on. Contribute it again, or add this machine again from another device of yours (Settings → Devices there).",
                "本机上所提交内容的密钥已损坏：{0}。新的授权无法从本机开放这些内容，其他一切照常。请重新提交，或从您的另一台设备重新添加本机（在该设备的“设置 → 设备”中）。"
            )
        case .keysElsewhere:
            Bilingual(
                "The authorization was signed. The keys of some of what you contributed are not on this machine: {0}. Another device of yours opens these records for it when Accord is started there next.",
                "授权已签署。您提交的部分内容的密钥不在本机：{0}。您的另一台设备下次启动 Accord 时，会为该授权开放这些记录。")
        case .cannotUndoSent:
            Bilingual(
                "It was sent already, so it cannot be taken back. Decide anew: revoke, or leave.",
                "已发送，无法收回。请作出新的决定：撤销授权或退出项目。")
        case .cannotUndoFollowed:
            Bilingual(
                "A later decision follows it. Undo that one first.",
                "之后还有其他决定，请先收回后面的决定。")
        case .noSecret:
            Bilingual(
                "This project asks for a passphrase with each authorization, and your vault has none. Nothing was signed. Set one in the settings, or with  accord passphrase",
                "该项目要求每次授权时输入口令，而您的密钥没有口令。没有签署任何内容。请在设置中设置口令，或运行  accord passphrase")
        case .notSent:
            Bilingual(
                "it was not sent: the ledger cannot be reached. Nothing was signed away; try again",
                "未发送：无法连接账本。未作任何更改，请重试")
        case .noAnswerYet:
            Bilingual(
                "it was sent, no answer yet: look at it when you sign in again, do not repeat it",
                "已发送，尚无答复：请下次登录时查看，不要重复操作")
        case .diskFull:
            Bilingual(
                "The disk is full. Nothing was changed. Make room and do it again.",
                "磁盘已满，未作任何更改。请腾出空间后重试。")
        case .diskFails:
            Bilingual(
                "The disk cannot be read or written. Nothing was changed. See that it is sound and do it again.",
                "磁盘无法读写，未作任何更改。请检查磁盘后重试。")
        case .storeBusy:
            Bilingual(
                "Another program is using your data. Nothing was changed. Try again in a moment.",
                "另一个程序正在使用您的数据，未作任何更改。请稍后重试。")
        case .storeTooNew:
            Bilingual(
                "A newer Accord wrote your data: this one only reads it. Use the newer one.",
                "您的数据由更新版本的 Accord 写入，本版本只能读取。请使用新版本。")
        case .storeDamaged:
            Bilingual(
                "The database on this machine is damaged. Nothing was changed. Close every Accord and start it again: it mends the database and says what it saved.",
                "本机数据库已损坏，未作任何更改。请关闭所有 Accord 后重新启动：它会修复数据库，并说明保住了什么。")
        case .storeMended(let mending): mending.texts
        case .storeUnavailable:
            Bilingual(
                "Your data cannot be opened or written. Nothing was changed. Look at the folder's permissions.",
                "无法打开或写入您的数据，未作任何更改。请检查文件夹权限。")
        case .notJoined:
            Bilingual(
                "Nobody has joined on this machine yet. Join with an invitation code first.",
                "本机尚未加入。请先用邀请码加入。")
        case .vaultExists:
            Bilingual("This machine has keys already. Nothing was changed.", "本机已有密钥，未作任何更改。")
        case .wrongPassphrase:
            Bilingual("The passphrase is not right. Type it again.", "口令不正确，请重新输入。")
        case .vaultDamaged:
            Bilingual(
                "The file with your keys is damaged. Restore vault.json from a backup.",
                "密钥文件已损坏。请从备份恢复 vault.json。")
        case .vaultLocked:
            Bilingual("Your keys are locked. Type your passphrase first.", "密钥已锁定，请先输入口令。")
        case .othersCanRead:
            Bilingual(
                "Others can read {0}, so it was not used. Make it private (chmod go-rwx).",
                "其他人可以读取 {0}，因此未使用。请设为仅本人可读（chmod go-rwx）。")
        case .notOwned:
            Bilingual("{0} belongs to another user, so it was not used.", "{0} 属于其他用户，因此未使用。")
        case .notWritable:
            Bilingual(
                "{0} cannot be written. Nothing was saved there. Choose another place.",
                "无法写入 {0}，未保存。请选择其他位置。")
        case .notReadable:
            Bilingual("{0} cannot be read. Nothing was changed.", "无法读取 {0}，未作任何更改。")
        case .recordMissing:
            Bilingual("The record is no longer on this machine.", "该记录已不在本机。")
        case .nothingLeft:
            Bilingual(
                "No row is left that the project collects. Nothing was handed over. Choose other rows.",
                "没有项目所需的行，未提交任何内容。请选择其他行。")
        case .rowsChanged:
            Bilingual(
                "Other rows would leave than you were shown: the dates that are asked for are not the same any more. Nothing was handed over. Look at the rows again.",
                "将要提交的行与向您显示的不同：所需日期范围已变化。未提交任何内容。请重新查看各行。")
        case .tooMuchLeaves:
            Bilingual(
                "That is more than a node takes at once. Nothing was handed over. Strike some rows.",
                "超出节点一次可接收的大小，未提交任何内容。请排除部分行。")
        case .proofMissing:
            Bilingual("There is no proof yet: it comes with the next sync.", "尚无证明：将在下次同步时取得。")
        case .noDemo: Bilingual("There is no demo on this machine.", "本机没有演示。")
        case .notACode:
            Bilingual(
                "That is no invitation code: one has 13 letters and digits. Type yours again.",
                "这不是邀请码：邀请码有 13 个字母和数字。请重新输入您的邀请码。")
        case .codeRefused:
            Bilingual(
                "The node does not accept the code: it was used, or is too old. Ask for a new one.",
                "节点不接受该邀请码：已被使用或已过期。请索取新的邀请码。")
        case .nodeNotGenuine:
            Bilingual(
                "The node could not prove that it made the code. Nothing was joined. Check the address.",
                "节点无法证明邀请码由它签发，未加入。请检查地址。")
        case .noPolicy:
            Bilingual(
                "That is no policy of witnesses: {0}. Nothing was joined. Ask for the file again, or leave it out.",
                "这不是见证策略：{0}。未加入。请重新索取该文件，或不填写。")
        case .policyElsewhere:
            Bilingual(
                "The policy of witnesses is for another ledger. Nothing was joined. Check the address, or ask for this ledger's policy.",
                "该见证策略属于另一个账本，未加入。请检查地址，或索取本账本的策略。")
        case .enrolmentRefused:
            Bilingual(
                "The node refused to let you join. Tell the people who run it.",
                "节点拒绝了您的加入。请联系节点管理员。")
        case .nodeUnreachable:
            Bilingual(
                "The node cannot be reached. What you decided is kept here and sent later. Check address and network.",
                "无法连接节点。您的决定保存在本机，稍后发送。请检查地址和网络。")
        case .nodeSilent:
            Bilingual(
                "The node did not answer in time. What you decided is kept here and sent later.",
                "节点未及时应答。您的决定保存在本机，稍后发送。")
        case .nodeNonsense:
            Bilingual(
                "The node's answer makes no sense. Nothing was changed. Tell the people who run it.",
                "节点的应答无法理解，未作任何更改。请联系节点管理员。")
        case .witnessesMissing:
            Bilingual(
                "Too few witnesses confirmed what the node shows, so it was not taken over. What you decided is kept here. Ask the witnesses if this goes on.",
                "见证不足，未采纳节点展示的内容。您的决定保存在本机。若持续如此，请询问见证方。")
        case .versionDiffers:
            Bilingual(
                "The node speaks another version. What you decided is kept here. Update Accord.",
                "节点使用不同的版本。您的决定保存在本机。请更新 Accord。")
        case .notInMemory:
            Bilingual(
                "{0} is not in memory: name a folder on tmpfs. Nothing was started.",
                "{0} 不在内存中：请指定 tmpfs 上的文件夹。程序未启动。")
        case .folderInUse:
            Bilingual(
                "Another program uses {0}: name another folder for this screen. Nothing was started.",
                "另一个程序正在使用 {0}：请为此公共屏幕指定其他文件夹。程序未启动。")
        case .told: Bilingual("{0}", "{0}")
        case .nodeRefuses, .other: Bilingual("That did not work: {0}", "操作失败：{0}")
        }
    }

    /// Whether the person's own part was done, and that of minors in their care was not.
    var isAboutWards: Bool {
        switch self {
        case .wardsLeft, .wardsNotHandedOver, .wardsNotTakenOver, .wardsClosed: true
        default: false
        }
    }

    /// Whether it names what is the person's own business: a path, a project, somebody in their care.
    ///
    /// What is about the store or the vault as a whole is told to whoever sits there.
    var namesOwnThings: Bool {
        switch self {
        case .othersCanRead, .notOwned, .notWritable, .notReadable, .notInMemory, .folderInUse,
            .folderNotEmpty, .noPolicy, .keysDamaged, .keysElsewhere, .told, .other:
            true
        default: isAboutWards
        }
    }

    /// What `{0}` stands for in a language; it may come from anywhere.
    func argument(in language: Language) -> String? {
        switch self {
        case .othersCanRead(let path), .notOwned(let path), .notWritable(let path),
            .notReadable(let path), .notInMemory(let path), .folderInUse(let path):
            path
        case .noPolicy(let path, let why):
            language == .english
                ? "\(path), \(why.explained.english)" : "\(path)，\(why.explained.chinese)"
        case .wardsLeft(let names, _), .wardsNotHandedOver(let names),
            .wardsNotTakenOver(let names), .wardsClosed(let names):
            names.joined(separator: ", ")
        case .keysDamaged(let names), .keysElsewhere(let names):
            ContributionName.list(names, in: language)
        case .storeMended(let mending): mending.folder
        case .nodeRefuses(let why): language == .english ? why.english : why.chinese
        case .told(let text), .other(let text): text
        default: nil
        }
    }
}

/// What a contribution is called where nothing of it is shown.
package struct ContributionName: Equatable, Sendable {
    /// The project's title.
    let title: LocalizedText
    let kind: RecordKind

    /// How many are named at most.
    private static let limit = 5

    /// The names of contributions, each once.
    package static func names(of contributions: [ContributionLine]) -> [ContributionName] {
        var names: [ContributionName] = []
        for line in contributions {
            let name = ContributionName(title: line.title, kind: line.kind)
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// The names in a language, the first ones of many.
    static func list(_ names: [ContributionName], in language: Language) -> String {
        let isEnglish = language == .english
        let first = names.prefix(limit).map { name in
            let (wanted, other) =
                isEnglish
                ? (name.title.english, name.title.chinese)
                : (name.title.chinese, name.title.english)
            let (title, kind) = (wanted.isEmpty ? other : wanted, name.kind.name[language])
            return isEnglish ? "\(title) (\(kind))" : "\(title)（\(kind)）"
        }
        let rest = names.count > limit ? ["…"] : []
        return (first + rest).joined(separator: isEnglish ? ", " : "、")
    }
}

/// An error that says by itself, in the language of the run, what to tell a person.
package protocol SpeakingError: Error {
    /// What to tell.
    var text: SafeText { get }
}

extension Words {
    /// Returns what went wrong, what was kept and what to do next.
    package func callAsFunction(_ trouble: Trouble) -> SafeText {
        let argument = trouble.argument(in: language).map { SafeText(untrusted: $0) } ?? .empty
        return fill(trouble.texts[language], [argument])
    }
}
