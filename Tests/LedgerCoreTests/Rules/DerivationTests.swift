import LedgerCore
import Testing

/// What is made from records says from which, and under which grant.
struct DerivationTests {
    private func derived(
        _ ledger: RuleLedger, _ part: RuleLedger.Participation, inputs: [Hash]? = nil,
        grant: Hash? = nil, purpose: UsePurpose = .research(.healthResearch)
    ) -> EntryBody {
        .dataDerived(
            .init(
                project: ledger.project, grant: grant ?? part.grant, purpose: purpose,
                inputs: inputs ?? [part.contribution], output: Hash.of([9])))
    }

    @Test func `what is made names records and grant, and ends with the revocation`() throws {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        try ledger.add(derived(ledger, part), by: \.sponsor, about: ledger.ada.account)
        try ledger.add(ledger.revoke, by: \.ada)
        #expect(throws: EntryRejection.useNotAuthorized) {
            try ledger.add(derived(ledger, part), by: \.sponsor, about: ledger.ada.account)
        }
        // What was made before stays on the ledger, in the member's own chain.
        let made = ledger.log.filter { $0.0.payload.body.kind == .dataDerived }
        #expect(made.map(\.0.payload.account) == [ledger.ada.account])
    }

    @Test func `nothing is made from records, for purposes or by institutions nobody allowed`()
        throws
    {
        var ledger = try RuleLedger()
        let part = try ledger.takePart()
        let unreviewed = try ledger.add(ledger.record(7), by: \.ada)
        let refused = [
            derived(ledger, part, inputs: [part.contribution, unreviewed]),
            derived(ledger, part, inputs: [.zero]), derived(ledger, part, grant: .zero),
            derived(ledger, part, purpose: .research(.generalResearch)),
        ]
        for body in refused {
            #expect(throws: EntryRejection.useNotAuthorized) {
                try ledger.add(body, by: \.sponsor, about: ledger.ada.account)
            }
        }
        #expect(throws: EntryRejection.useNotAuthorized) {
            try ledger.add(derived(ledger, part), by: \.other, about: ledger.ada.account)
        }
        #expect(throws: EntryRejection.signerNotAllowed) {
            try ledger.add(derived(ledger, part), by: \.bo, about: ledger.ada.account)
        }
        #expect(throws: EntryRejection.useNotAuthorized) {
            try ledger.add(derived(ledger, part), by: \.sponsor, about: ledger.bo.account)
        }
    }

    @Test func `a look for quality makes nothing, and from nothing nothing is made`() throws {
        let ledger = try RuleLedger()
        let bodies: [DataDerived] = [
            .init(
                project: ledger.project, grant: .zero, purpose: .review, inputs: [.zero],
                output: .zero),
            .init(
                project: ledger.project, grant: .zero, purpose: .research(.healthResearch),
                inputs: [], output: .zero),
        ]
        for body in bodies {
            let json = EntryBody.dataDerived(body).json
            #expect(throws: EntryDefect.field("body.inputs")) {
                try EntryBody(kind: EntryKind.dataDerived.rawValue, json: json)
            }
        }
    }
}
