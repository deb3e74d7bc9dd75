import ArgumentParser
import ClientRuntime
import ClientStore
import LedgerCore
import NodeAPI
import Screens
import SyncCore
import TerminalCore

/// The devices of the account.
struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: Spoken.help("The devices that sign for your account.", "可代表您的账户签名的设备。"),
        subcommands: [
            DeviceListCommand.self, DeviceAddCommand.self, DeviceRemoveCommand.self,
            DeviceCompareCommand.self,
        ], defaultSubcommand: DeviceListCommand.self)
}

/// Lists the devices of the account.
struct DeviceListCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: Spoken.help("List the devices of your account.", "列出您账户的设备。")
    )

    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        let devices = try desk.session.machine().devices
        output.json(
            jsonObject([
                (
                    "devices",
                    .array(
                        devices.map {
                            jsonObject([
                                ("device", .string($0.id.text)), ("here", .bool($0.isHere)),
                                ("revoked", $0.removedAt.map(JSONValue.time)),
                                ("since", .time($0.since)),
                            ])
                        })
                )
            ]))
        var table = Table(.left, .left, .left)
        for device in devices {
            let state =
                device.removedAt != nil
                ? output.say("removed", "已移除")
                : device.isHere ? output.say("this machine", "本机") : .empty
            table.add("\(device.id.text)", output.words.dateTime(device.since), state)
        }
        output.lines(table.lines(columns: output.columns))
    }
}

/// Adds a device: shows a code, waits for the device, has its words compared, signs.
struct DeviceAddCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: Spoken.help(
            "Show a code for another device of yours, and add it.", "为您的另一台设备显示代码，并添加该设备。"),
        discussion: Spoken.help(
            """
            On the new device run  accord join CODE --node URL  or choose Join in the app. Both \
            show six words; the device is added once you say here that they are the same, asks for \
            the witnesses this one asks for, and acts for the minors in your care. Of one that was \
            added before, the same brings the minors you declared since. The answer is read from the standard input: yes, or \
            anything else for no.
            """,
            """
            在新设备上运行  accord join 代码 --node 地址，或在应用中选择“加入”。两边都会显示六个词；\
            您在此确认一致后，设备即被添加，它要求与本机相同的见证方，并可代表您监护的孩子操作。对以前添加过的设备，\
            同样操作可补上您之后登记的孩子。答复从标准输入读取：yes 为是，其他为否。
            """))

    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        let ward = desk.session.ward.map { SafeText(untrusted: $0.name) }
        if let ward { Output.complain(output.words(WardText.handOver, ward)) }
        let code = try await desk.session.inviteDevice()
        output.note("code \(code.grouped)", "代码 \(code.grouped)")
        output.note(
            "it works once, for ten minutes; waiting for the new device …",
            "仅可使用一次，十分钟内有效；正在等待新设备……")
        guard let asking = try await desk.session.askingDevice(code) else {
            throw output.failure(
                .refused, "no device asked in ten minutes: the code is void, nothing was added",
                "十分钟内没有设备请求：代码已失效，未添加任何设备")
        }
        desk.compare(asking.words, .compareHere)
        Output.forgetTypedAhead()
        output.note("type yes if they are the same:", "如一致请输入 yes：")
        guard readLine()?.lowercased() == "yes" else {
            throw output.failure(
                .refused, "not added: the code is void, show a new one", "未添加：代码已作废，请重新生成")
        }
        let admission = try await desk.session.admit(asking.keys, code: code)
        output.json(
            jsonObject([
                ("device", .string(asking.keys.device.text)),
                ("entry", admission.entry.map { .string($0.hex) }),
                ("wards_left", .array(admission.left.map { .string($0) })),
            ]))
        if let ward { return output.line(output.words(WardText.deviceIsTheirs, ward)) }
        output.line(
            "added \(asking.keys.device.text): it signs for you from now on",
            "已添加 \(asking.keys.device.text)：此后它可代表您签名")
        if let trouble = admission.trouble {
            throw CommandFailure(.notReachable, output.words(trouble))
        }
    }
}

/// Removes a device that was lost.
struct DeviceRemoveCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: Spoken.help("Take a device's right to sign away.", "取消设备的签名权。"),
        discussion: Spoken.help(
            """
            It goes for the minors in your care, too. Where one of them could not be reached, the \
            same command does the rest later.
            """,
            """
            对您监护的孩子同样有效。若其中有账户当时无法连接，以后再运行同一命令即可完成。
            """))

    @Argument(
        help: Spoken.help(
            "The device, as  accord devices  lists it; its first digits are enough.",
            "设备，见  accord devices；给出开头几位即可。"))
    var device: String
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.unlocked(output, passphrase)
        let named = try desk.session.machine().devices.filter {
            $0.id.text.hasPrefix(device.lowercased())
        }
        let signing = named.filter { $0.removedAt == nil }
        // One that was removed before may still sign for a ward who was not reached then.
        let found = signing.isEmpty ? named : signing
        guard found.count == 1, let only = found.first else {
            throw output.failure(
                .refused, "\(found.count) devices of yours begin with \(device)",
                "您有 \(found.count) 台设备以 \(device) 开头")
        }
        let removal = try await desk.session.remove(only.id)
        try await desk.conclude([removal.entry].compactMap(\.self), mustBeDecided: false)
        if let trouble = removal.trouble {
            throw CommandFailure(.notReachable, output.words(trouble))
        }
    }
}

/// Compares what two devices were shown of the account.
struct DeviceCompareCommand: AccordCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: Spoken.help("Compare what two devices of yours were shown.", "比较您的两台设备所见的账本。"),
        discussion: Spoken.help(
            """
            Without arguments it prints what this device knows: a number and six words. Give those \
            of the other device to see whether the ledger showed both the same.
            """,
            """
            不带参数时输出本设备所知：一个数字和六个词。给出另一台设备的数字和词，即可看出账本向两者展示的是否相同。
            """))

    @Argument(
        help: Spoken.help(
            "What the other device prints: a number and six words.", "另一台设备的输出：一个数字和六个词。"))
    var code: [String] = []
    @OptionGroup var common: CommonOptions

    func execute(_ output: Output) async throws {
        let desk = try MemberDesk.reading(output)
        guard !code.isEmpty else {
            guard let own = try desk.session.accountCode() else {
                throw output.failure(
                    .refused, "nothing is verified here yet: run  accord sync",
                    "本机尚未验证任何内容：请运行  accord sync")
            }
            output.json(jsonObject([("code", .string(own.text))]))
            return output.line("\(own.text)", "\(own.text)")
        }
        guard let other = AccountCode(typed: code.joined(separator: " ")) else {
            throw output.failure(
                .wrongUse, "that is no such code: a number and six words", "格式不正确：应为一个数字和六个单词")
        }
        let comparison = try desk.session.compare(other)
        output.json(jsonObject([("comparison", .string("\(comparison)"))]))
        switch comparison {
        case .same:
            output.line(
                "the same: the ledger showed both devices one history",
                "一致：账本向两台设备展示了相同的历史")
        case .ahead:
            throw output.failure(
                .refused, "the other device knows more: run  accord sync  here, then compare again",
                "另一台设备的记录更新：请在此运行  accord sync  后重新比较")
        case .different:
            throw output.failure(
                .integrity,
                "different: the ledger showed the two devices different histories of your account. Keep both as they are and show them to the people who audit the node",
                "不一致：账本向两台设备展示了不同的账户历史。请保持两台设备现状，并联系节点审计人员")
        }
    }
}

extension MemberDesk {
    /// Shows words that another device has to show, too: for eyes only, beside what is printed.
    func compare(_ words: [String], _ lead: DeviceText) {
        Output.complain(output.words(lead.texts))
        Output.complain(SafeText(untrusted: "  " + words.joined(separator: " ")))
        Output.complain(output.words(DeviceText.ifDifferent.texts))
    }
}
