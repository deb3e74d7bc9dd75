import LedgerCore
import SyncCore

/// Results that came back to the sample member, and what they wish to know.
extension SampleMember {
    /// One that is wished for, one sealed for another key, one that is not wished for any more.
    static func results(_ details: [ProjectDetail]) -> [ResultLine] {
        [
            (211, -1, ResultClass.actionable, true), (203, -5, .measurement, true),
            (190, -9, .carrier, false),
        ].map { index, days, result, isWished in
            ResultLine(
                entry: Hash.of(label: "result", [UInt8(index)]), index: LeafIndex(index),
                at: SampleCatalogue.day(Int64(days)),
                returned: ResultReturned(
                    project: details[4].terms.project, result: result, wish: .zero, sealed: []),
                title: details[4].terms.title, institution: SampleCatalogue.institutionName,
                isWished: isWished)
        }
    }

    static func offers(_ details: [ProjectDetail]) -> [ResultOffer] {
        [
            ResultOffer(
                project: details[4].terms.project, title: details[4].terms.title,
                classes: details[4].terms.resultClasses, wished: [.actionable, .measurement],
                state: .proven),
            ResultOffer(
                project: details[0].terms.project, title: details[0].terms.title,
                classes: [.measurement, .summary], wished: [], state: nil),
        ]
    }

    /// A result as the vault would open it.
    static func opened(_ line: ResultLine?) -> OpenedResult? {
        line.map { line in
            guard line.isWished else { return OpenedResult(line: line, content: .notWished) }
            return OpenedResult(
                line: line,
                content: line.returned.result == .measurement
                    ? .notForThisVault
                    : .text(
                        "Your child's second sample was in the usual range.\n\n第二次样本在正常范围内。"
                            + "\u{202e}\u{1b}[31m"))
        }
    }
}
