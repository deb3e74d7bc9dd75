import LedgerCore
import SyncCore
import TerminalCore

extension AppModel {
    // MARK: Opening sheets

    /// Reads the project that keys act on and opens a sheet with what was read.
    mutating func askProject(_ awaited: Awaited) -> [Effect] {
        guard let project = focusedProject else { return [] }
        return [load(.project(project), then: awaited)]
    }

    mutating func open(_ awaited: Awaited, _ detail: ProjectDetail) -> [Effect] {
        switch awaited {
        case .signUp: overlays.append(Overlay(.signUp(detail)))
        case .leave: overlays.append(Overlay(.leave(detail)))
        case .grant: return openGrant(detail)
        case .contribute:
            overlays.append(Overlay(.contribute(Contribute.Model(detail))))
            return [load(.records)]
        case .extend: openExtension(detail)
        case .narrow: openNarrowing(detail)
        case .proof, .refusal, .entry, .recording, .picker, .rows, .why, .quit: break
        }
        return []
    }

    mutating func requestContribution() -> [Effect] {
        guard settings.mode.mayUseFiles else {
            hint(say(.noRecordsShared), .warning)
            return []
        }
        if focusedProject != nil { return askProject(.contribute) }
        guard let record = records.selected else { return [] }
        let model = Contribute.Model(record, projects: contributable(record.kind))
        overlays.append(Overlay(.contribute(model)))
        return []
    }

    /// The projects the person takes part in, as far as Home and the authorizations tell.
    private func contributable(_ kind: RecordKind) -> [Contribute.Target] {
        var targets = authorizations.lines.filter(\.isRevocable).map {
            Contribute.Target(
                project: $0.project, title: $0.title,
                authorized: $0.latest.kinds.contains(kind) ? [kind] : [])
        }
        targets = targets.filter { !$0.authorized.isEmpty } + targets.filter(\.authorized.isEmpty)
        for item in home.summary?.attention ?? [] {
            guard let line = item.projectLine, line.kinds.contains(where: { $0.kind == kind })
            else { continue }
            targets.append(Contribute.Target(project: line.id, title: line.title, authorized: []))
        }
        var seen: Set<ProjectID> = []
        return targets.filter { seen.insert($0.project).inserted }
    }

    /// Pauses, or lets go on what was paused on the screen before the key: whoever means to stop
    /// use does not start it because it was stopped elsewhere meanwhile.
    mutating func requestPause() -> [Effect] {
        guard let line = focusedAuthorization else { return [] }
        guard line.state == .paused else { return [perform(.pause(line.subject))] }
        guard seenPause == SeenPause(line) || pausedHere.contains(line.subject) else {
            hint(say(.pausedMeanwhile), .warning)
            return []
        }
        return resume(line)
    }

    /// Notes what is paused on the screen once keys are done.
    ///
    /// What lies below a sheet, or below the palette, is not seen.
    package mutating func noteSeen() {
        guard overlays.isEmpty else { return }
        let line = focusedAuthorization
        seenPause = line.flatMap { SeenPause($0) }
        guard let line, line.state == .active, line.pending == nil else { return }
        pausedHere.removeAll { $0 == line.subject }
    }

    mutating func requestRows() -> [Effect] {
        guard let record = records.selected else { return [] }
        overlays.append(Overlay(.rows(RowTable(record))))
        return [load(.recordRows(record: record.id, offset: 0, limit: RowTable.pageLength))]
    }

    /// Gives loaded rows to the table on top.
    mutating func take(_ rows: RecordRows) -> [Effect] {
        guard let top = overlays.indices.last else { return [] }
        switch overlays[top].content {
        case .rows(var table):
            table.take(rows)
            overlays[top].content = .rows(table)
        case .contribute(var contribute):
            contribute.table?.take(rows)
            overlays[top].content = .contribute(contribute)
        default: break
        }
        return []
    }

    // MARK: Outcomes

    /// Tells how an action ended, closes the sheet that waited for it, and reads again.
    mutating func finish(_ id: ActionID, _ outcome: ActionOutcome) -> [Effect] {
        guard let action = running.removeValue(forKey: id) else { return [] }
        let former = banner
        defer { if !action.opensVault { hold(former) } }
        endWork(of: id)
        if action.isAboutDraft, case .done = outcome { return [] }
        if outcome == .failed(.wrongSecret), asksLate(for: action, id) { return reload() }
        let sheet = overlays.firstIndex { $0.action == id }
        switch outcome {
        case .done, .noted, .imported, .saved, .tookHome:
            if let sheet { overlays.removeSubrange(sheet...) }
            tellSuccess(of: action, outcome)
            noteUndoable(action, outcome)
            if followUp == id, case .signUp(let project, _, _, _) = action {
                followUp = nil
                return reload() + [load(.project(project), then: .grant)]
            }
        case .deviceInvited(let code): AddDevice.invited(&self, code)
        case .awaitingDevice(let words): welcome.words = words
        case .foundRows(let rows): return take(rows, of: action, id)
        case .stopped(let stopped):
            // Whoever stops what is sealed may choose other rows.
            freeSheets(of: id)
            if let sheet, stopped != .sealing { overlays.removeSubrange(sheet...) }
            tell(stopped)
        case .checked(let entries):
            tell(say(.checkHolds, say.count(.entryCount, Int(entries))), .done)
        case .checkFailed(let index): tell(say(.checkFailed, say.number(index)), .error)
        case .refused(let rejection):
            freeSheets(of: id)
            tell(rejection)
        case .notReachable(let failure):
            freeSheets(of: id)
            action.opensVault && settings.stage != .open
                ? Welcome.failed(&self, say.joinFailure(failure), in: .node)
                : tell(say(.actionFailed, say.reason(failure)), .error)
        case .fileExists:
            guard let sheet else { break }
            freeSheets(of: id)
            if case .account(.saveReceipt(var model)) = overlays[sheet].content {
                model.taken = model.field.text
                overlays[sheet].content = .account(.saveReceipt(model))
            }
        case .failed(let trouble):
            // What was done in part is done again from the start.
            if trouble.isAboutWards, let sheet {
                overlays.removeSubrange(sheet...)
            } else {
                freeSheets(of: id)
            }
            if trouble == .rowsChanged, let sheet {
                tell(say(trouble), .error)
                return reload() + Contribute.lookAgain(&self, at: sheet)
            }
            action.opensVault && settings.stage != .open
                ? Welcome.failed(&self, say(trouble), in: Welcome.Field(trouble))
                : tell(say(trouble), .error)
        }
        return settings.stage == .open
            ? reload() + filtersChanged(by: action) + askWhetherRecorded() : []
    }

    /// Tells of what ended while the vault was locked when it is open again, and to nobody before.
    private mutating func hold(_ former: Notice?) {
        guard settings.stage == .locked, banner != former else { return }
        held = banner
        banner = former
    }

    /// Tells what went wrong beside everything else.
    mutating func tell(_ trouble: Trouble) {
        let former = banner
        tell(say(trouble), .error)
        guard trouble.namesOwnThings, settings.stage == .locked else { return }
        // How what the person decided ended comes before what else went wrong.
        held = held ?? banner
        banner = former
    }

    private mutating func tell(_ rejection: EntryRejection) {
        tell("\(say(rejection.reason)) \(say(rejection.nextStep))", .error)
    }

    private mutating func tell(_ stopped: Stopped) {
        switch stopped {
        case .importing(let name, let percent, let goesOn, let records):
            let file = SafeText(untrusted: name)
            let before =
                records == 0
                ? SafeText.empty : say(.importKeptBefore, say.count(.recordCount, records))
            let text =
                goesOn ? say(.importStoppedGoesOn, file, "\(percent)") : say(.importStopped, file)
            tell(before.isEmpty ? text : "\(text) \(before)", .warning)
        case .sealing: tell(say(.sealingStopped), .warning)
        case .checking: tell(say(.checkStopped), .warning)
        case .exporting: tell(say(ExportText.stopped), .warning)
        }
    }

    /// Gives the keys back to what waited for an action.
    private mutating func freeSheets(of id: ActionID) {
        for index in overlays.indices where overlays[index].action == id {
            overlays[index].action = nil
            overlays[index].isEnding = false
        }
    }

    /// Tells what was signed, and what to tell in its place once that is recorded.
    private mutating func tell(
        _ signed: Sentence, _ tone: Notice.Tone, _ outcome: ActionOutcome, once recorded: Sentence
    ) {
        tell(say(settings.mode.mayUseFiles ? signed : signed.atSharedScreen), tone)
        guard let entry = outcome.entry else { return }
        banner?.awaited = Notice.Recording(entry: entry, sentence: recorded)
    }

    /// Tells what is to be known besides; what the notice before it waits for is waited for still.
    ///
    /// At a shared screen nobody's devices and contributions are spoken of.
    private mutating func tellNote(of outcome: ActionOutcome) {
        guard settings.mode == .personal, case .noted(_, let trouble) = outcome else { return }
        let awaited = banner?.awaited
        tell(say(trouble), .warning)
        banner?.awaited = awaited
    }

    /// Asks whether what the notice shown speaks of was recorded meanwhile.
    mutating func askWhetherRecorded() -> [Effect] {
        guard let awaited = banner?.awaited else { return [] }
        return [load(.entry(awaited.entry), then: .recording)]
    }

    /// Says of a decision that it is in force once this machine checked the proof, or that it was
    /// refused, if it is still spoken of.
    ///
    /// A grant does not end a pause.
    mutating func noteRecording(_ line: ActivityLine) {
        guard let awaited = banner?.awaited, awaited.entry == line.entry else { return }
        if let rejection = line.rejection { return tell(rejection) }
        guard line.state == .proven else { return }
        let isPaused = authorizations.lines.contains {
            $0.project == line.body.project && $0.state == .paused
        }
        let isStillPaused = awaited.sentence == .grantedRecorded && isPaused
        let sentence: Sentence = isStillPaused ? .grantedPaused : awaited.sentence
        hint(say(settings.mode.mayUseFiles ? sentence : sentence.atSharedScreen), .done)
    }

    private mutating func tellSuccess(of action: Action, _ outcome: ActionOutcome) {
        switch action {
        case .signUp: tell(.signedUpNext, .done, outcome, once: .signedUpRecorded)
        case .leave: tell(.leftNext, .done, outcome, once: .leftRecorded)
        case .contribute: tell(say(.contributedNext), .done)
        case .grant:
            tell(.grantedNext, .done, outcome, once: .grantedRecorded)
            tellNote(of: outcome)
        case .pause(let subject):
            pausedHere.append(subject)
            tell(.pausedNext, .warning, outcome, once: .pausedRecorded)
        case .resume: tell(.resumedNext, .done, outcome, once: .resumedRecorded)
        case .revoke: tell(.revokedNext, .warning, outcome, once: .revokedRecorded)
        case .eraseRecord: tell(say(.recordErased), .done)
        case .exportReceipt:
            guard case .saved(let path) = outcome else { return }
            tell(say(.receiptSaved, SafeText(untrusted: path)), .done)
        case .takeHome:
            guard
                case .tookHome(let path, let records, let entries, let waiting, let wards) = outcome
            else { return }
            let text = say(
                ExportText.written, SafeText(untrusted: path), say.count(.recordCount, records),
                say.count(.entryCount, entries))
            wards.isEmpty ? tell(text, .done) : tell("\(text) \(say.wardsApart(wards))", .warning)
            if waiting > 0 { tell(say.count(ExportText.writtenWaiting, waiting), .warning) }
        case .importFiles:
            guard case .imported(let records, let rows, let problems) = outcome else { return }
            // The keys it tells of next are those of the place, which a sheet may hide.
            let isHere = overlays.isEmpty
            if isHere { place = .records }
            records == 0
                ? tell(say(.nothingImported), .warning)
                : tell(
                    say(
                        isHere ? .importedNext : .importedHere, say.count(.rowCount, rows),
                        say.count(.recordCount, records)), .done)
            for problem in problems { tell(SafeText(untrusted: problem), .warning) }
        case .wishResults(_, let classes):
            overlays.removeAll { $0.isResults }
            tell(say(classes.isEmpty ? ResultText.wishedNothing : .wished), .done)
        case .redeem: tell(say(.redeemedNext), .done)
        case .cancelRedemption: tell(say(.gaveUpNext), .done)
        case .appealCorrection: tell(say(HomeText.appealedNext), .done)
        case .withdraw: tell(say(UndoText.neverSent), .done)
        case .stopAskingSecret: settings.preferences.asksSecret = false
        case .changePassphrase(_, let new):
            settings.canLock = !new.isEmpty
            let removed =
                isBoundToKeyring ? say(KeyringText.removed.texts) : say(SecretText.removed)
            new.isEmpty ? tell(removed, .warning) : tell(say(SecretText.changed), .done)
        case .bindKeyring(_, let isBound):
            machine?.isBoundToKeyring = isBound
            let text: KeyringText = isBound ? .boundHere : .unbound
            tell(say(text.texts), isBound ? .done : .warning)
        case .goOffline: tell(say(.workingOffline), .warning)
        case .revokeDevice: tell(say(.deviceRemovalSigned), .warning)
        case .admitDevice:
            let ward = settings.ward.map { SafeText(untrusted: $0.name) }
            tell(
                ward.map { say(WardText.deviceIsTheirs, $0) } ?? say(DeviceText.added.texts), .done)
        case .declareWard(let name, _):
            overlays.removeAll { if case .wards = $0.content { true } else { false } }
            tell(say(WardText.declared, SafeText(untrusted: name)), .done)
        case .keepOwnProfile: hint(say(.profileKept), .done)
        case .keepFilter, .deleteFilter, .keepPreferences, .rereadConfiguration, .lock, .syncNow,
            .markRefusalRead, .startDemo, .join, .unlock, .inviteDevice, .endInvitation,
            .checkLedger, .findRows, .findOutside, .keepDraft, .discardDraft:
            break
        }
    }
}

extension Sentence {
    /// The same where decisions are in force when they are told, and no records are.
    fileprivate var atSharedScreen: Sentence {
        switch self {
        case .signedUpNext, .signedUpRecorded: .signedUpShared
        case .grantedNext, .grantedRecorded: .grantedShared
        default: self
        }
    }
}

extension Action {
    /// Whether it changes nothing but what is kept of an unsigned authorization.
    fileprivate var isAboutDraft: Bool {
        switch self {
        case .keepDraft, .discardDraft: true
        default: false
        }
    }
}

/// A pause that stood on the screen.
struct SeenPause: Equatable {
    let authorization: AuthorizationID
    let pausedBy: Hash?

    /// Returns `nil` for what is not paused.
    init?(_ line: AuthorizationLine) {
        guard line.state == .paused else { return nil }
        authorization = line.id
        pausedBy = line.pausedBy
    }
}

extension AuthorizationLine {
    /// What a decision about it names.
    var subject: AuthorizationSubject {
        AuthorizationSubject(project: project, major: grant.major)
    }

    /// Whether it can still be revoked: it lets data flow, or could again, and is not being ended.
    var isRevocable: Bool {
        switch state {
        case .active, .paused, .reconsentDue: pending?.kind != .authorizationRevoked
        // A new authorization on its way can be taken back before it is recorded.
        case .replaced, .withdrawn, .expired, .terminated, .invalidated:
            pending?.kind == .authorizationGranted
        }
    }
}
