import LedgerCore
import SyncCore
import TerminalCore

/// A sheet or overlay that lies over a place.
struct Overlay: Equatable {
    /// What it is about.
    var content: Content
    /// The choice that has the keys.
    var focus = 0
    /// How many rows of its text are scrolled away.
    var scroll = 0
    /// The action it waits for; keys but Escape do nothing meanwhile.
    var action: ActionID?
    /// Whether that action was asked to end: Escape closes it before the answer comes.
    var isEnding = false
    /// Of a list that opened by itself: the action of the sheet below, until the person does
    /// something in it; Escape means what it means there.
    var standsFor: ActionID?

    init(_ content: Content, focus: Int = 0) {
        self.content = content
        self.focus = focus
    }

    enum Content: Equatable {
        case signUp(ProjectDetail)
        case leave(ProjectDetail)
        case grant(Grant.Model)
        case revoke(AuthorizationLine)
        /// Which of several authorizations to revoke.
        case revokeWhich([AuthorizationLine])
        case contribute(Contribute.Model)
        case rows(RowTable)
        case rowSorts([RowSort])
        case picker(Picker.Model)
        case erase(RecordLine)
        case entry(ActivityLine)
        case refusal(ActivityLine)
        case proof(Proof.Model)
        case account(AccountOverlay)
        case catalogue(CatalogueOverlay)
        /// The vault's secret, typed for one authorization or to stop asking for it.
        case secret(SecretSheet.Model)
        case help([KeyBinding], shared: [KeyBinding])
        case palette(Palette.Model)
        case work
        case notices
        case themes(former: String)
        case languages
        case settings
        case keyList
        case node
        case devices
        case removeDevice(MachineView.Device)
        case addDevice(AddDevice.Model)
        /// For whom the person acts.
        case wards([WardLine])
        /// The name and month of birth of a minor, being typed.
        case declareWard(TextField)
        case quit
    }
}

extension Overlay {
    /// The title in the box.
    func title(_ say: Words) -> SafeText {
        switch content {
        case .signUp: say(.signUpTitle)
        case .leave: say(.leaveTitle)
        case .grant(let grant): Grant.title(grant, say)
        case .revoke: say(.revokeTitle)
        case .revokeWhich: say(ConsentText.whichTitle)
        case .contribute(let contribute): contribute.title(say)
        case .rows(let table): SafeText(untrusted: table.record.fileName)
        case .rowSorts: say(.sortsTitle)
        case .picker: say(.importTitle)
        case .erase: say(.eraseTitle)
        case .entry: say(.entryTitle)
        case .refusal: say(.refusalTitle)
        case .proof: say(.proofTitle)
        case .account(let overlay): overlay.title(say)
        case .catalogue(let overlay): overlay.title(say)
        case .secret(let sheet):
            switch sheet.purpose {
            case .grant, .resume, .stopAsking: say(SecretText.title)
            case .oldPassphrase, .newPassphrase, .again, .keyring:
                say(SecretText.passphraseTitle)
            }
        case .help: say(.helpTitle)
        case .palette: say(.paletteTitle)
        case .work: say(WorkText.title)
        case .notices: say(.noticesTitle)
        case .themes: say(.themesTitle)
        case .languages: say(.languagesTitle)
        case .settings: say(.settingsTitle)
        case .keyList: say(.helpTitle)
        case .node: say(.settingNode)
        case .devices: say(.settingDevices)
        case .removeDevice: say(.removeDeviceTitle)
        case .addDevice: say(DeviceText.addTitle.texts)
        case .wards: say(WardText.title)
        case .declareWard: say(WardText.declareTitle)
        case .quit: say(.quitTitle)
        }
    }

    /// What the box shows, wrapped to a width.
    func document(_ model: AppModel, width: Int, rows: Int) -> Document {
        var page = Document(width: width, textWidth: model.settings.textWidth)
        let say = model.say
        if isDecision { Wards.writeLead(model, into: &page) }
        switch content {
        case .signUp(let detail): SignUp.write(detail, say, into: &page)
        case .leave(let detail): Leave.write(detail, say, into: &page)
        case .grant(let grant): Grant.write(grant, model, focus: focus, into: &page)
        case .revoke(let line):
            Revoke.write(line, say, focus: focus, rows: rows, into: &page)
        case .revokeWhich(let lines): Revoke.write(lines, say, focus: focus, into: &page)
        case .contribute(let contribute):
            Contribute.write(contribute, say, focus: focus, rows: rows, into: &page)
        case .rows(let table): table.write(say, rows: rows, canStrike: false, into: &page)
        case .rowSorts(let sorts):
            RowSorts.write(sorts, say, focus: focus, rows: rows, into: &page)
        case .picker(let picker): Picker.write(picker, say, focus: focus, rows: rows, into: &page)
        case .erase(let record): Erase.write(record, say, into: &page)
        case .entry(let line): ActivityPlace.write(line, model, into: &page)
        case .refusal(let line): Refusal.write(line, say, into: &page)
        case .proof(let proof): Proof.write(proof, say, into: &page)
        case .account(let overlay):
            overlay.write(model, focus: focus, rows: rows, into: &page)
        case .catalogue(let overlay): overlay.write(model, focus: focus, into: &page)
        case .secret(let sheet): SecretSheet.write(sheet, model, into: &page)
        case .help(let here, let shared): Help.write(here, shared, say, into: &page)
        case .palette(let palette):
            Palette.write(palette, say, focus: focus, into: &page)
        case .work: WorkList.write(model, focus: focus, into: &page)
        case .notices: Notices.write(model, into: &page)
        case .themes: Themes.write(model, focus: focus, into: &page)
        case .languages: Languages.write(model, focus: focus, into: &page)
        case .settings: SettingsSheet.write(model, focus: focus, into: &page)
        case .keyList: KeyList.write(model, into: &page)
        case .node: NodeCard.write(model, into: &page)
        case .devices: Devices.write(model, focus: focus, into: &page)
        case .removeDevice(let device): Devices.writeRemoval(device, say, into: &page)
        case .addDevice(let adding): AddDevice.write(adding, model, into: &page)
        case .wards(let wards): Wards.write(wards, model, focus: focus, into: &page)
        case .declareWard(let field): Wards.writeDeclaration(field, say, into: &page)
        case .quit: Quit.write(model, into: &page)
        }
        return page
    }

    /// The rows a sheet takes: one of several steps or outcomes as many as the longest of them,
    /// so that neither its top nor its keys move while the person goes through them.
    func steadyRows(_ page: Document, _ model: AppModel, _ room: Size) -> Int {
        let others: [Overlay]
        switch content {
        case .grant(let grant): others = grant.everyStep.map { Overlay(.grant($0)) }
        case .revoke:
            others = RevocationMode.allCases.indices.map { Overlay(content, focus: $0) }
        default: return page.rows.count
        }
        return others.reduce(page.rows.count) {
            max($0, $1.document(model, width: room.columns, rows: room.rows).rows.count)
        }
    }

    /// How many things can be chosen in it now.
    func choiceCount(_ model: AppModel) -> Int {
        switch content {
        case .grant(let grant): grant.choiceCount
        case .revoke: RevocationMode.allCases.count
        case .revokeWhich(let lines): lines.count
        case .contribute(let contribute): contribute.choiceCount
        case .rows(let table): table.shownCount
        case .rowSorts(let sorts): sorts.count + 1
        case .picker(let picker): picker.shown.count
        case .palette(let palette): palette.items(model.say).count
        case .work: model.works.count
        case .themes: model.settings.themes.count
        case .languages: Language.allCases.count
        case .account(let overlay): overlay.choiceCount
        case .catalogue(let overlay): overlay.choiceCount
        case .settings: Setting.allCases.count
        case .devices: model.machine?.devices.count ?? 0
        case .wards(let wards): wards.count + 1
        case .signUp, .leave, .erase, .entry, .refusal, .proof, .help, .notices, .quit, .keyList,
            .node, .removeDevice, .addDevice, .secret, .declareWard:
            0
        }
    }

    /// Whether something is signed here that a minor's guardian can decide, too.
    private var isDecision: Bool {
        switch content {
        case .signUp, .leave, .grant, .revoke, .revokeWhich, .contribute: true
        case .account(.extend), .account(.narrow), .account(.redeem), .account(.giveUp),
            .account(.wishes), .account(.appeal):
            true
        default: false
        }
    }

    /// Whether what is typed goes into a field of it.
    var takesText: Bool {
        switch content {
        case .palette, .picker, .secret, .declareWard: true
        case .account(let overlay): overlay.takesText
        case .rows, .contribute: table?.field != nil
        case .catalogue(let overlay): overlay.takesText(focus: focus)
        default: false
        }
    }
}
