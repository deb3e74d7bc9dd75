package import LedgerCore
import TerminalCore

/// A new device that typed the code, as it has to be compared.
package struct AskingDevice: Equatable, Sendable {
    /// Its public keys.
    package let keys: DeviceKeys
    /// The words both screens show.
    package let words: [String]

    /// Names a device.
    package init(keys: DeviceKeys, words: [String]) {
        self.keys = keys
        self.words = words
    }
}

/// Adding a device: a code is shown, then words are compared.
enum AddDevice {
    struct Model: Equatable {
        /// The code; empty while the node is asked.
        var code = ""
        /// The device that asks; `nil` before.
        var asking: AskingDevice?

        /// What Enter decides; `nil` while there is nothing to decide.
        var admission: Action? { asking.map { .admitDevice($0.keys, code: code) } }
    }

    static func begin(_ model: inout AppModel) -> [Effect] {
        guard model.settings.mode == .personal else { return [] }
        model.overlays.append(Overlay(.addDevice(Model())))
        return model.start(.inviteDevice)
    }

    static func invited(_ model: inout AppModel, _ code: String) {
        change(&model) { $0 = Model(code: code) }
    }

    static func asked(_ model: inout AppModel, _ device: AskingDevice) -> [Effect] {
        change(&model) { $0.asking = device }
        return []
    }

    static func failed(_ model: inout AppModel, _ trouble: Trouble) -> [Effect] {
        guard model.settings.stage == .open else {
            Welcome.failed(&model, model.say(trouble), in: Welcome.Field(trouble))
            return []
        }
        model.overlays.removeAll { if case .addDevice = $0.content { true } else { false } }
        model.tell(model.say(trouble), .warning)
        return []
    }

    private static func change(_ model: inout AppModel, _ body: (inout Model) -> Void) {
        for index in model.overlays.indices {
            guard case .addDevice(var adding) = model.overlays[index].content else { continue }
            body(&adding)
            model.overlays[index].content = .addDevice(adding)
            model.overlays[index].action = nil
        }
    }

    // MARK: View

    static func write(_ adding: Model, _ model: AppModel, into page: inout Document) {
        let say = model.say
        if let ward = model.settings.ward {
            page.text(say(WardText.handOver, SafeText(untrusted: ward.name)), .accent)
            page.blank()
        }
        if let asking = adding.asking {
            return write(words: asking.words, .compareHere, say, into: &page)
        }
        guard !adding.code.isEmpty else { return page.text(say(DeviceText.starting.texts)) }
        page.text(say(DeviceText.typeCode.texts))
        page.blank()
        page.text(SafeText(untrusted: adding.code), .textStrong)
        page.blank()
        page.text(say(DeviceText.codeEnds.texts), .textMuted)
    }

    /// Words in two lines, so that an eye can go from screen to screen.
    static func write(
        words: [String], _ lead: DeviceText, _ say: Words, into page: inout Document
    ) {
        page.text(say(lead.texts))
        page.blank()
        for start in stride(from: 0, to: words.count, by: 3) {
            let part = words[start..<min(start + 3, words.count)]
            page.text(SafeText(untrusted: "  " + part.joined(separator: "   ")), .textStrong)
        }
        page.blank()
        page.text(say(DeviceText.ifDifferent.texts), .textMuted)
    }
}
