import ClientStore
import Foundation
package import LedgerCore
import NodeAPI
package import Screens
package import SyncCore

extension MemberSession {
    /// Answers a request from this machine alone.
    package func answer(_ request: Request) throws -> Loaded {
        switch request {
        case .recordRows(let record, let offset, let limit):
            return .recordRows(try rows(of: record, offset: offset, limit: limit))
        case .foundRows(let record, let positions, let offset, let total):
            return .recordRows(
                try rows(of: record, at: positions, offset: offset, total: total))
        case .folder(let path):
            try checkFiles()
            return .folder(listing(of: path))
        case .machine: return .machine(try machine())
        case .wards: return .wards(try (guardian ?? self).readableWards())
        case .account(.result(let entry)):
            return .account(.result(try actions().openResult(entry)))
        case .home, .projects, .find, .project, .authorizations, .records, .points, .activity,
            .entry, .proof, .account, .catalogue, .waiting:
            guard let loaded = try store.answer(request, at: clock.now) else {
                throw AnswerMissing()
            }
            return loaded
        }
    }

    /// A shared machine shows nobody its files, whatever its screens ask for.
    private func checkFiles() throws { if isOnlineOnly { throw FilesNotHere() } }

    /// Lists a folder, away from the main actor.
    @concurrent
    package func list(_ path: String) async throws -> FolderListing {
        try checkFiles()
        return await withTaskExecutorPreference(WorkExecutor.folders) { await listed(path) }
    }

    @concurrent
    private func listed(_ path: String) async -> FolderListing { listing(of: path) }

    private func listing(of path: String) -> FolderListing {
        let start = profile.recordsFolder ?? NSHomeDirectory()
        let folder = URL(filePath: path.isEmpty ? start : path, directoryHint: .isDirectory)
            .standardizedFileURL
        let keys: [URLResourceKey] = [.isDirectoryKey, .fileSizeKey]
        // A folder that cannot be read shows as empty, with the way back up.
        let found =
            (try? FileManager.default.contentsOfDirectory(
                atPath: folder.path(percentEncoded: false))) ?? []
        let names = found.filter { !$0.hasPrefix(".") }
        let limit = FolderListing.limit
        let shown = names.count > limit ? Array(names.sorted().prefix(limit)) : names
        let items = shown.map { name in
            let place = folder.appending(path: name, directoryHint: .notDirectory)
            let values = try? place.resourceValues(forKeys: Set(keys))
            return FolderListing.Item(
                name: name,
                path: place.path(percentEncoded: false).trimmedSlash,
                isFolder: values?.isDirectory ?? false, sizeBytes: Int64(values?.fileSize ?? 0))
        }
        let collation = Collation(Language(localeTag: shownLocale))
        let sorted = items.sorted {
            $0.isFolder != $1.isFolder ? $0.isFolder : collation.isBefore($0.name, $1.name)
        }
        let above = folder.deletingLastPathComponent().path(percentEncoded: false).trimmedSlash
        // The way up stands last, so that Enter opens what is in the folder.
        let parent = FolderListing.Item(name: "..", path: above, isFolder: true, sizeBytes: 0)
        return FolderListing(
            path: folder.path(percentEncoded: false).trimmedSlash, items: sorted + [parent],
            notShown: names.count - shown.count)
    }

    /// Keeps what was told; what cannot be kept was told all the same.
    @concurrent
    package func keep(_ notices: [NoticeLine]) async {
        for notice in notices {
            do {
                try store.keepNotice(notice.text, tone: notice.tone, at: notice.at)
            } catch {
                // The disk may be full, which is the very thing that was told.
                return
            }
        }
    }

    /// Carries out a decision, away from the main actor, and says how it ended.
    ///
    /// What takes a while is told of under `id`, and undone when the task is cancelled.
    @concurrent
    package func perform(_ action: Action, as id: ActionID? = nil) async -> ActionOutcome {
        guard action.takesAWhile else { return await outcome(of: action, id) }
        return await withTaskExecutorPreference(WorkExecutor.shared) {
            await outcome(of: action, id)
        }
    }

    @concurrent
    private func outcome(of action: Action, _ id: ActionID?) async -> ActionOutcome {
        do {
            let outcome = try await carryOut(action, meter(id))
            kick()
            if isOnlineOnly, outcome.entry != nil { return try await decided(outcome) }
            return outcome
        } catch let refusal as ActionRefusal {
            return .refused(refusal.rejection)
        } catch let problem as SecretProblem {
            return .failed(problem.trouble)
        } catch JoinError.notReachable(let failure) {
            return .notReachable(failure)
        } catch let cancelled as ImportCancelled {
            return .stopped(
                .importing(
                    file: cancelled.file, percent: cancelled.percent, goesOn: cancelled.goesOn,
                    recordsBefore: cancelled.recordsBefore))
        } catch let failure as LedgerCheckFailure {
            return .checkFailed(index: failure.index)
        } catch is CancellationError where action == .checkLedger {
            return .stopped(.checking)
        } catch is CancellationError where action.isExport {
            return .stopped(.exporting)
        } catch is CancellationError {
            return .stopped(.sealing)
        } catch {
            return .failed(Trouble(error))
        }
    }

    /// Tells of an action that takes a while as news.
    private func meter(_ id: ActionID?) -> WorkMeter {
        WorkMeter { [weak self] progress in
            if let id { self?.tell(.progressed(.action(id), progress)) }
        }
    }

    private func carryOut(_ action: Action, _ meter: WorkMeter) async throws -> ActionOutcome {
        if action.usesFiles { try checkFiles() }
        switch action {
        case .startDemo:
            guard let demo else { return .failed(.noDemo) }
            let invitation = try await demo()
            if let records = invitation.records {
                try changeProfile { $0.recordsFolder = $0.recordsFolder ?? records }
            }
            try await join(code: invitation.code, node: invitation.node, passphrase: "")
        case .join(let code, let node, let policy):
            return try await join(code, node, policy.map { try WitnessPolicy(path: $0) })
        case .unlock(let passphrase): try unlock(passphrase: passphrase)
        case .signUp(let project, let major, let minor, let seen):
            return .done(
                entry: try actions().signUp(project, version: (major, minor), seen: seen))
        case .leave(let project): return .done(entry: try actions().leave(project))
        case .importFiles(let paths):
            let report = try actions().importRecords(paths) { progress in
                meter.report {
                    WorkProgress(
                        .importing(file: progress.file), done: progress.readBytes,
                        total: progress.sizeBytes, unit: .bytes, before: progress.startBytes,
                        rows: Int64(progress.rows))
                }
            }
            let isChinese = Language(localeTag: shownLocale) == .chinese
            return .imported(
                records: report.records.count, rows: report.rowCount,
                problems: report.problems.map { isChinese ? $0.chinese : $0.english })
        case .contribute(let draft):
            let receipt = try actions().contribute(draft) { done, total in
                meter.report { WorkProgress(.sealing, done: done, total: total, unit: .rows) }
            }
            return .done(entry: receipt.entry)
        case .findRows, .findOutside: return .foundRows(try findRows(action, meter))
        case .checkLedger:
            return .checked(
                entries: try LedgerCheck.run(store) { progress in meter.report { progress } })
        case .grant(let draft):
            let (entry, note) = try sign(draft)
            return note.map { .noted(entry: entry, $0) } ?? .done(entry: entry)
        case .keepDraft(let draft): try store.keepDraft(draft)
        case .discardDraft(let project): try store.discardDraft(project)
        case .withdraw(let entry): return MemberSession.outcome(try store.withdraw(entry))
        case .stopAskingSecret(let secret): try stopAskingSecret(secret)
        case .changePassphrase(let old, let new): try changePassphrase(from: old, to: new)
        case .bindKeyring(let passphrase, let isBound):
            if isBound { try checkKeyring() }
            try changePassphrase(from: passphrase, to: passphrase, isBound: isBound)
        case .pause(let subject): return .done(entry: try actions().pause(subject))
        case .resume(let subject, let shown, let secret):
            return .done(entry: try resume(subject, shown: shown, secret: secret))
        case .revoke(let revoked): return .done(entry: try actions().revoke(revoked))
        case .eraseRecord(let id): try actions().erase(id)
        case .markRefusalRead(let entry): try store.markRefusalRead(entry)
        case .exportReceipt(let entry, let path, let isReplacing):
            let written = try exportReceipt(entry, to: path, isReplacing: isReplacing)
            return written.map { .saved(path: $0) } ?? .fileExists
        case .takeHome(let path):
            // It may have been ended while it waited for its turn.
            try Task.checkCancellation()
            let report = try export(to: path, shownWords) { done, total in
                meter.report { WorkProgress(.exporting, done: done, total: total, unit: .rows) }
            }
            return .tookHome(
                path: report.folder, records: report.records, entries: report.ownEntries,
                waiting: report.waiting, wards: report.wards)
        case .wishResults(let project, let classes):
            return .done(entry: try actions().wish(for: classes, of: project))
        case .redeem(let reward, let price):
            return .done(entry: try actions().redeem(reward, price: price))
        case .cancelRedemption(let entry):
            return .done(entry: try actions().cancelRedemption(entry))
        case .appealCorrection(let proposal):
            return .done(entry: try actions().appeal(correction: proposal))
        case .keepFilter(let filter): try store.keep(filter)
        case .deleteFilter(let name): try store.deleteFilter(named: name)
        case .keepOwnProfile(let profile): try store.keep(profile)
        case .keepPreferences(let preferences): try keep(preferences)
        case .rereadConfiguration: try rereadConfiguration()
        case .lock: await lock()
        case .inviteDevice: return .deviceInvited(code: try await showInvitation())
        case .admitDevice(let keys, let code):
            guard let code = InvitationCode(typed: code) else { throw JoinError.notACode }
            let admission = try await admit(keys, code: code)
            return admission.trouble.map { .failed($0) } ?? .done(entry: admission.entry)
        case .endInvitation: waitForDevice(nil)
        case .declareWard(let name, let born):
            return .done(entry: try declareWard(named: name, born: born).entry)
        case .revokeDevice(let device):
            let removal = try await remove(device)
            return removal.trouble.map { .failed($0) } ?? .done(entry: removal.entry)
        case .syncNow:
            setOffline(false)
            wake()
        case .goOffline: setOffline(true)
        }
        return .done(entry: nil)
    }

    /// Joins; where another device has to agree, the wait for it goes on beside the app.
    private func join(_ code: String, _ node: String, _ policy: WitnessPolicy?) async throws
        -> ActionOutcome
    {
        let joining = try await beginJoining(
            code: code, node: node, passphrase: "", policy: policy)
        guard let joining else { return .done(entry: nil) }
        waitForDevice { [weak self] in
            do {
                let joined = try await self?.finishJoining(joining)
                if let trouble = joined?.trouble {
                    self?.announce.yield(.loadFailed(RequestID(0), trouble))
                }
            } catch is CancellationError {
                return
            } catch {
                self?.announce.yield(.pairingFailed(Trouble(error)))
            }
        }
        return .awaitingDevice(words: joining.words)
    }

    /// Leaves an offer for a new device and tells when one asks.
    private func showInvitation() async throws -> String {
        let code = try await inviteDevice()
        waitForDevice { [weak self] in
            do {
                guard let asking = try await self?.askingDevice(code) else {
                    self?.announce.yield(.pairingFailed(.codeRefused))
                    return
                }
                self?.announce.yield(.deviceAsked(asking))
            } catch is CancellationError {
                return
            } catch {
                self?.announce.yield(.pairingFailed(Trouble(error)))
            }
        }
        return code.grouped
    }

    private static func outcome(_ withdrawal: Withdrawal) -> ActionOutcome {
        switch withdrawal {
        case .done: .done(entry: nil)
        case .alreadySent, .unknown: .failed(.cannotUndoSent)
        case .followed: .failed(.cannotUndoFollowed)
        }
    }

    /// Waits until the node has decided; what could not be sent is taken back.
    ///
    /// One on its way in this moment is given a little longer: it comes back, or it may have
    /// arrived and cannot be taken back any more.
    private func decided(_ outcome: ActionOutcome) async throws -> ActionOutcome {
        wake()
        var rest = sendingPatience + .seconds(1)
        // On its way it may get another number, and with it another name; nothing else waits here.
        while try !store.undecided(limit: 1).isEmpty {
            if rest <= .seconds(1), try store.withdrawUnsent() > 0,
                try store.undecided(limit: 1).isEmpty
            {
                return .failed(.notSent)
            }
            guard rest > .zero else { return .failed(.noAnswerYet) }
            try await Task.sleep(for: .milliseconds(20))
            rest -= .milliseconds(20)
        }
        return outcome
    }

    /// Writes the receipt of a proven entry into a file and returns its path.
    ///
    /// A path that begins with `~/` is one in the person's home. The file can be read by its owner
    /// only.
    ///
    /// - Returns: `nil` if there is a file already and it is not to be replaced.
    package func exportReceipt(_ entry: Hash, to path: String, isReplacing: Bool) throws
        -> String?
    {
        guard let proof = try store.proof(of: entry) else { throw ProofMissing() }
        let whole =
            path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path
        let file = URL(filePath: whole)
        let written = file.path(percentEncoded: false)
        if !isReplacing, FileManager.default.fileExists(atPath: written) { return nil }
        try HomeFolders.writePrivate(Array(proof.receipt.utf8), to: file, amongOthers: true)
        return written
    }
}

extension Action {
    /// Whether it may compute or read for longer than a key should wait.
    fileprivate var takesAWhile: Bool {
        switch self {
        case .importFiles, .contribute, .findRows, .findOutside, .checkLedger, .takeHome: true
        default: false
        }
    }
}

/// An entry has no proof on this machine.
package struct ProofMissing: Error, CustomStringConvertible, Sendable {
    /// What to tell the person.
    package let description = "there is no proof of that entry on this machine yet"

    /// Makes the error.
    package init() {}
}

/// The machine is shared, and its files are not the person's.
struct FilesNotHere: Error {}

private struct AnswerMissing: Error, CustomStringConvertible {
    let description = "the store has no answer to that"
}
