import LedgerCore
import SyncCore
import TerminalCore

/// Handing a record to a project: which record, which rows, what leaves and what stays.
enum Contribute {
    enum Step { case target, record, rows, summary }

    struct Target: Equatable {
        var project: ProjectID
        var title: LocalizedText
        /// The kinds it may use by what is authorized now.
        var authorized: Set<RecordKind>
    }

    struct Model: Equatable {
        var step: Step
        var targets: [Target] = []
        var target: Target?
        /// The kinds the project asks; empty where a record was chosen first.
        var kinds: [RecordKind] = []
        /// The records that fit; `nil` while they are read.
        var candidates: [RecordLine]?
        var record: RecordLine?
        var table: RowTable?
        private let first: Step

        init(_ detail: ProjectDetail) {
            step = .record
            first = .record
            let line = detail.authorization
            target = Target(
                project: detail.terms.project, title: detail.terms.title,
                authorized: line?.isRevocable == true ? Set(line?.latest.kinds ?? []) : [])
            kinds = detail.terms.kinds.map(\.kind)
        }

        init(_ record: RecordLine, projects: [Target]) {
            step = .target
            first = .target
            targets = projects
            self.record = record
        }

        var choiceCount: Int {
            switch step {
            case .target: targets.count
            case .record: candidates?.count ?? 0
            case .rows: table?.shownCount ?? 0
            case .summary: 0
            }
        }

        /// Whether a record was handed to the project before.
        func isGiven(_ record: RecordLine) -> Bool {
            record.contributions.contains {
                $0.project == target?.project && $0.state != .rejected
            }
        }

        /// Whether the project may use a kind by what is authorized now.
        func isAuthorized(_ kind: RecordKind) -> Bool {
            target?.authorized.contains(kind) == true
        }

        /// How many rows leave this machine.
        var leaving: Int { table?.leavingCount ?? 0 }

        var draft: ContributionDraft? {
            guard let target, let record, let table else { return nil }
            return ContributionDraft(
                project: target.project, record: record.id, struck: table.struck.positions,
                outside: table.outside)
        }

        mutating func stepForward(_ focus: Int) {
            switch step {
            case .target:
                guard targets.indices.contains(focus) else { return }
                target = targets[focus]
                openTable()
            case .record:
                guard let candidates, candidates.indices.contains(focus) else { return }
                record = candidates[focus]
                openTable()
            case .rows: step = .summary
            case .summary: break
            }
        }

        private mutating func openTable() {
            guard let record else { return }
            if table?.record.id != record.id { table = RowTable(record) }
            // What stays because of its date is another project's word, or an older one.
            table?.forgetOutside()
            step = .rows
        }

        /// Goes one step back; `false` at the first.
        mutating func stepBack() -> Bool {
            guard step != first else { return false }
            step = step == .summary ? .rows : first
            return true
        }

        /// Shows the rows again, as they stand now.
        mutating func lookAgain() { openTable() }

        func title(_ say: Words) -> SafeText {
            switch step {
            case .target: say(.contributeTarget)
            case .record: say(.contributeRecord)
            case .rows: say(.contributeRows)
            case .summary: say(.contributeSummary)
            }
        }
    }

    /// Whether a record is being chosen, which one that is imported meanwhile may be.
    static func choosesRecord(_ model: AppModel) -> Bool {
        model.overlays.contains {
            if case .contribute(let contribute) = $0.content {
                contribute.step == .record
            } else {
                false
            }
        }
    }

    /// Gives records that were read to the sheet that waits for them.
    static func recordsLoaded(_ model: inout AppModel) -> [Effect] {
        for index in model.overlays.indices {
            guard case .contribute(var contribute) = model.overlays[index].content,
                !contribute.kinds.isEmpty
            else { continue }
            let fitting = model.records.lines.filter { contribute.kinds.contains($0.kind) }
            // What the project may use and does not have comes first.
            let fresh = fitting.filter { !contribute.isGiven($0) }
            contribute.candidates =
                fresh.filter { contribute.isAuthorized($0.kind) }
                + fresh.filter { !contribute.isAuthorized($0.kind) }
                + fitting.filter(contribute.isGiven)
            model.overlays[index].content = .contribute(contribute)
        }
        return []
    }

    /// Goes back to the rows of a sheet whose rows are not those that were shown any more.
    static func lookAgain(_ model: inout AppModel, at index: Int) -> [Effect] {
        guard case .contribute(var contribute) = model.overlays[index].content else { return [] }
        contribute.lookAgain()
        model.overlays[index].content = .contribute(contribute)
        (model.overlays[index].focus, model.overlays[index].scroll) = (0, 0)
        return model.findOutside(contribute)
    }

    static func write(
        _ contribute: Model, _ say: Words, focus: Int, rows: Int, into page: inout Document
    ) {
        switch contribute.step {
        case .target:
            page.text(say(contribute.targets.isEmpty ? .noTargets : .targetQuestion))
            page.blank()
            for (index, target) in contribute.targets.enumerated() {
                page.choice(
                    index, isFocused: index == focus, [Run(say(target.title))],
                    trailing: target.authorized.isEmpty
                        ? [Run(say(.notAuthorized), .statusWarning)] : [])
            }
        case .record: writeRecords(contribute, say, focus: focus, into: &page)
        case .rows: contribute.table?.write(say, rows: rows, canStrike: true, into: &page)
        case .summary: writeSummary(contribute, say, into: &page)
        }
    }

    private static func writeRecords(
        _ contribute: Model, _ say: Words, focus: Int, into page: inout Document
    ) {
        if let target = contribute.target { page.heading(say(target.title)) }
        page.field(say(.asks), say.list(contribute.kinds.map { say($0.name) }))
        page.blank()
        let records = contribute.candidates ?? []
        if records.isEmpty {
            page.text(say(.noRecordFits))
            return
        }
        for (index, record) in records.enumerated() {
            page.choice(
                index, isFocused: index == focus,
                [
                    Run(say(record.kind.name)),
                    Run("  " + SafeText(untrusted: record.fileName), .textMuted),
                ],
                trailing: contribute.isGiven(record)
                    ? [Run(say(.handedOver), .statusWarning)]
                    : [Run(say.count(.rowCount, record.rowCount), .textMuted)]
                        + (contribute.isAuthorized(record.kind)
                            ? [] : [Run("  "), Run(say(.notAuthorized), .statusWarning)]))
        }
    }

    private static func writeSummary(
        _ contribute: Model, _ say: Words, into page: inout Document
    ) {
        guard let table = contribute.table, let target = contribute.target else { return }
        page.heading(page.short(say(target.title)))
        page.blank()
        page.field(
            say(.leaves),
            "\(say.count(.rowCount, contribute.leaving)) · \(say(table.record.kind.name))",
            .textStrong)
        page.field(
            say(.stays),
            table.staying.isEmpty
                ? say(.nothingStruck) : say.count(.rowCount, table.staying.count), .textStrong)
        for reason in table.reasons(say) { page.field("", reason, .textMuted) }
        var kept = table.identifying
        kept.subtract(table.staying)
        let named = kept.count
        if named > 0 {
            page.field(say(.careful), say.count(.namingRowsLeave, named), .statusWarning)
        }
        page.blank()
        page.text(say(.sealedBeforeLeaving))
        if contribute.isAuthorized(table.record.kind) {
            page.text(say(.onlyAuthorizedRead), .textMuted)
        } else {
            page.text(say(.kindNotAuthorized, say(table.record.kind.name)), .statusWarning)
        }
    }
}
