import LedgerCore
import SyncCore
import TerminalCore

extension AppModel {
    /// Changes the state by what happened and returns what to ask of the world.
    package static func update(_ model: inout AppModel, _ message: Message) -> [Effect] {
        defer { model.keepClosed() }
        switch message {
        case .key(let key): return model.press(key)
        case .resized(let size):
            model.settings.size = size
            return model.settings.stage == .open ? model.fit() : []
        case .loaded(let id, let loaded): return model.take(loaded, id)
        case .loadFailed(let id, let trouble):
            switch model.awaiting.removeValue(forKey: id) {
            // What was told last must do.
            case .quit: return model.askToQuit()
            case .picker: model.takeFolder(nil)
            default: break
            }
            model.tell(trouble)
            return []
        case .actionFinished(let id, let outcome): return model.finish(id, outcome)
        case .statusChanged(let status):
            model.status = status
            return []
        case .storeChanged:
            return model.settings.stage == .open ? model.reload() + model.askWhetherRecorded() : []
        case .clockTicked(let time): return model.tick(time)
        case .deviceAsked(let device): return AddDevice.asked(&model, device)
        case .pairingFailed(let trouble): return AddDevice.failed(&model, trouble)
        case .progressed(let id, let progress): return model.take(progress, of: id)
        case .needsEnrolment: return model.change(to: .welcome)
        case .needsUnlock: return model.change(to: .locked)
        case .unlocked(let name):
            model.settings.memberName = name
            let isOffered = model.settings.stage == .welcome || model.settings.offersTour
            return model.change(to: .open) + (isOffered ? model.startTour() : [])
        default: return model.choose(message)
        }
    }

    /// What ends after the vault was locked opens nothing over the locked screen: all that lies
    /// there is help.
    private mutating func keepClosed() {
        guard settings.stage != .open else { return }
        overlays.removeAll { overlay in
            if case .help = overlay.content { return false }
            return true
        }
    }

    private mutating func change(to stage: Stage) -> [Effect] {
        settings.stage = stage
        overlays = []
        count = nil
        lastKeyAt = settings.now
        welcome.passphrase = TextField()
        welcome.words = []
        guard stage == .open else { return [] }
        banner = held ?? banner
        held = nil
        return reload()
    }

    /// What a line of a key table, the palette or a click sends.
    private mutating func choose(_ message: Message) -> [Effect] {
        if isHeldBack(message) { return [] }
        switch message {
        case .list(let message): return settings.stage == .open ? updateList(message) : []
        case .dialog(let message):
            return overlays.isEmpty ? Welcome.update(&self, message) : updateDialog(message)
        case .typed(let edit): return type(edit)
        case .placeChosen(let chosen): return go(to: chosen)
        case .elsewhere(let chosen, let message): return go(to: chosen, for: message)
        case .placeStepped(let step):
            let places = Place.allCases
            let index = (place.rawValue - 1 + step + places.count) % places.count
            return go(to: places[index])
        case .searchStarted, .searchEnded:
            return place == .activity
                ? ActivityPlace.update(&self, message) : Projects.update(&self, message)
        case .account(let message): return updateAccount(message)
        case .catalogue(let message): return updateCatalogue(message)
        case .orderChanged: return Projects.update(&self, message)
        case .consent(let message): return updateConsent(message)
        case .signUpRequested: return askProject(.signUp)
        case .leaveRequested: return askProject(.leave)
        case .grantRequested: return askProject(.grant)
        case .contributeRequested: return requestContribution()
        case .revokeRequested: return requestRevocation()
        case .pauseRequested: return requestPause()
        case .importRequested:
            guard settings.mode.mayUseFiles else { return [] }
            overlays.append(Overlay(.picker(Picker.Model())))
            return [load(.folder(""), then: .picker)]
        case .rowsRequested: return requestRows()
        case .rows(let message): return updateRows(message)
        case .eraseRequested:
            if let record = records.selected { overlays.append(Overlay(.erase(record))) }
            return []
        case .proofRequested:
            guard let entry = focusedEntry else { return [] }
            return [load(.proof(entry), then: .proof)]
        case .activityMarked:
            return activity.selected.map { [perform(.markRefusalRead($0.entry))] } ?? []
        case .receiptRequested:
            guard case .proof(let model)? = overlays.last?.content else { return [] }
            overlays.append(Overlay(.account(.saveReceipt(SaveReceipt.Model(model.proof)))))
            return []
        case .demoRequested: return [perform(.startDemo)]
        case .joinRequested: return Welcome.join(&self)
        default: return openOverlay(message)
        }
    }

    /// Whether the sheet on top waits for what it began: nothing else begins there meanwhile, by
    /// whatever way it was asked for.
    private func isHeldBack(_ message: Message) -> Bool {
        guard overlays.last?.action != nil else { return false }
        switch message {
        case .dialog(.closed), .quitRequested, .configured: return false
        default: return true
        }
    }

    private mutating func openOverlay(_ message: Message) -> [Effect] {
        switch message {
        case .helpRequested:
            let tables = keyTables
            overlays.append(Overlay(.help(tables.own, shared: tables.shared)))
        case .paletteRequested:
            overlays.append(
                Overlay(
                    .palette(
                        Palette.Model(
                            commands: commands, elsewhere: commandsElsewhere,
                            hasSettings: settings.mode == .personal))))
            return [load(.catalogue(.savedFilters))]
        case .noticesRequested: overlays.append(Overlay(.notices))
        case .themesRequested:
            let index = settings.themes.firstIndex(of: settings.theme) ?? 0
            overlays.append(Overlay(.themes(former: settings.theme), focus: index))
        case .languagesRequested:
            let index = Language.allCases.firstIndex(of: settings.language) ?? 0
            overlays.append(Overlay(.languages, focus: index))
        case .syncRequested: return [perform(.syncNow)]
        case .offlineRequested: return [perform(.goOffline)]
        case .suspendRequested: return settings.mode == .personal ? [.suspend] : []
        case .quitRequested:
            // On a shared machine it ends the visit: nothing waits there.
            guard settings.mode == .personal, settings.stage == .open else { return [.quit] }
            // Right after a decision the status is that of before.
            return [load(.waiting, then: .quit)]
        default: return updateShell(message)
        }
        return []
    }

    /// Asks before leaving would end or hold something up, else leaves.
    private mutating func askToQuit() -> [Effect] {
        guard status.outboxCount > 0 || stopsWork else { return [.quit] }
        overlays.append(Overlay(.quit))
        return []
    }

    private mutating func type(_ edit: TextEdit) -> [Effect] {
        guard settings.stage == .open else {
            Welcome.type(&self, edit)
            return []
        }
        guard let top = overlays.indices.last else {
            return place == .activity
                ? ActivityPlace.type(&self, edit) : Projects.type(&self, edit)
        }
        if var table = overlays[top].table, table.field != nil {
            table.field?.apply(edit)
            overlays[top].table = table
            return []
        }
        switch overlays[top].content {
        case .palette(var palette):
            palette.field.apply(edit)
            overlays[top].content = .palette(palette)
            overlays[top].focus = 0
            return [load(.find(palette.field.text, limit: Palette.projectLimit))]
        case .picker(var picker):
            picker.field.apply(edit)
            overlays[top].content = .picker(picker)
            overlays[top].focus = 0
        case .catalogue(var overlay):
            overlay.type(edit, focus: overlays[top].focus)
            overlays[top].content = .catalogue(overlay)
        case .secret(var sheet):
            sheet.field.apply(edit)
            overlays[top].content = .secret(sheet)
        case .declareWard(var field):
            field.apply(edit)
            overlays[top].content = .declareWard(field)
        case .account(var overlay):
            overlay.type(edit)
            overlays[top].content = .account(overlay)
        default: break
        }
        return []
    }

    // MARK: Places

    private mutating func go(to chosen: Place) -> [Effect] {
        overlays = []
        if chosen == place { listState.isDetailOpen = false }
        place = chosen
        return reload()
    }

    /// Goes where a command works, and carries it out unless something has to be selected first, or
    /// it decides at once about a line that is not on the screen yet.
    private mutating func go(to chosen: Place, for message: Message) -> [Effect] {
        let effects = go(to: chosen)
        guard message != .pauseRequested else {
            hint(say(.nothingPausedYet), .warning)
            return effects
        }
        guard let binding = placeKeys.first(where: { $0.message == message }) else {
            return effects
        }
        if let reason = binding.disabled {
            hint(say(reason), .warning)
            return effects
        }
        return effects + AppModel.update(&self, message)
    }

    /// Reads again what is shown.
    mutating func reload() -> [Effect] {
        var effects = [load(.authorizations)]
        switch place {
        case .home: effects.insert(load(.home), at: 0)
        case .projects, .activity: effects.append(loadPage())
        case .points: effects += [loadPage(), load(.account(.pointsByProject))] + loadReason()
        case .authorizations: break
        case .records: effects.append(load(.records))
        }
        if place != .records, Contribute.choosesRecord(self) { effects.append(load(.records)) }
        if needsDetail, let project = focusedProject {
            effects.append(load(.project(project)))
        } else {
            // What is not seen is not kept in step: it is read when it is opened.
            detail = nil
        }
        return effects
    }

    /// Makes list and detail fit after a move or a new size, and asks for what they lack.
    mutating func fit() -> [Effect] {
        listState.select(listState.selection, count: listCount, rows: Layout(self).listRows)
        var effects: [Effect] = []
        if let missing = missingPage { effects.append(load(missing)) }
        if points.selected?.project != points.reasonFor { effects += loadReason() }
        if needsDetail, let project = focusedProject, detail?.terms.project != project {
            effects.append(load(.project(project)))
        }
        return effects
    }

    /// Whether the selected project is read whole: in the list of projects only where it is seen.
    private var needsDetail: Bool {
        place == .authorizations || place == .projects && !Layout(self).detail.isEmpty
    }

    // MARK: Answers

    private mutating func take(_ loaded: Loaded, _ id: RequestID) -> [Effect] {
        guard isCurrent(id, loaded) else { return [] }
        let awaited = awaiting.removeValue(forKey: id)
        switch loaded {
        case .home(let summary): home.summary = summary
        case .projects(let page):
            follow(projects.selected?.id, in: page.lines.map(\.id), page.offset, .projects)
            projects.page = page
        case .project(let detail):
            if detail?.terms.project == focusedProject { self.detail = detail }
            if let awaited, let detail { return open(awaited, detail) }
            if awaited != nil { tell(say(.projectGone), .warning) }
            return []
        case .authorizations(let lines):
            follow(authorizations.selected?.id, in: lines.map(\.id), 0, .authorizations)
            authorizations.lines = lines
        case .records(let lines):
            follow(records.selected?.id, in: lines.map(\.id), 0, .records)
            records.lines = lines
            return Contribute.recordsLoaded(&self) + fit()
        case .recordRows(let rows): return take(rows)
        case .points(let summary, let page):
            points.summary = summary
            follow(points.selected?.entry, in: page.lines.map(\.entry), page.offset, .points)
            points.page = page
        case .activity(let page):
            follow(activity.selected?.entry, in: page.lines.map(\.entry), page.offset, .activity)
            activity.page = page
            // Home knows which proposals can still be appealed against.
            if page.lines.contains(where: { $0.body.kind == .correctionProposed }) {
                return fit() + [load(.home)]
            }
        case .account(let answer):
            return take(answer, awaited)
        case .catalogue(let answer): return take(answer)
        case .entry(let line):
            if let line, awaited == .entry { overlays.append(Overlay(.entry(line))) }
            if let line, awaited == .recording { noteRecording(line) }
            if let line, awaited == .refusal { overlays.append(Overlay(.refusal(line))) }
        case .proof(let proof):
            if let proof {
                overlays.append(Overlay(.proof(Proof.Model(proof: proof))))
            } else {
                tell(say(.notProvenYet), .warning)
            }
        case .folder(let listing):
            guard settings.stage == .open else { return [] }
            takeFolder(listing)
        case .found(let lines):
            guard let top = overlays.indices.last,
                case .palette(var palette) = overlays[top].content
            else { return [] }
            palette.projects = palette.field.text.isEmpty ? [] : lines
            overlays[top].content = .palette(palette)
            return []
        case .wards(let wards):
            take(wards)
            return []
        case .machine(let view):
            machine = view
            return []
        case .waiting(let entries, let revocations):
            status.outboxCount = entries
            status.queuedRevocations = revocations
            return awaited == .quit ? askToQuit() : []
        }
        return fit()
    }

    /// Keeps a line selected that new lines moved down; the first line stays the first.
    private mutating func follow<ID: Equatable>(
        _ selected: ID?, in ids: [ID], _ offset: Int, _ place: Place
    ) {
        guard self.place == place, listState.selection > 0 || listState.isDetailOpen,
            let selected, let index = ids.firstIndex(of: selected)
        else { return }
        let moved = offset + index - listState.selection
        listState.selection += moved
        listState.top = max(listState.top + moved, 0)
    }
}
