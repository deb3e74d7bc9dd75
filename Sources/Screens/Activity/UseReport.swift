import LedgerCore
package import SyncCore
package import TerminalCore

/// Who used the person's data, in words.
enum UseReport {
    struct Model: Equatable {
        let scope: UseScope
        /// Project by project.
        let summaries: [UseSummary]
    }

    static func write(_ model: Model, _ say: Words, into page: inout Document) {
        if model.summaries.isEmpty { page.text(say(.nobodyUsed)) }
        var project: ProjectID?
        for summary in model.summaries {
            if summary.project != project {
                if project != nil { page.blank() }
                page.heading(say(summary.title))
                project = summary.project
            }
            for sentence in say.sentences(summary) {
                page.text(sentence.text, sentence.isDenial ? .statusWarning : .text)
            }
        }
        page.blank()
        page.text(say(.usesExported), .textMuted)
    }
}

extension Words {
    /// Returns what one user did: a sentence for what was read, one for each reason of a denial.
    package func sentences(_ summary: UseSummary) -> [(text: SafeText, isDenial: Bool)] {
        let user = self(summary.user)
        var sentences: [(SafeText, Bool)] = []
        if summary.times > 0 {
            let times = times(summary.times)
            let records = count(.recordCount, summary.records)
            let last = dateTime(summary.last)
            switch summary.purpose {
            case .review:
                sentences.append((self(.reviewedData, user, records, times, last), false))
            case .research, .disease, .linkage:
                let purpose = self(summary.purpose.meaning)
                sentences.append((self(.usedData, user, records, times, purpose, last), false))
            }
        }
        for (reason, number) in summary.denials.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let times = times(number)
            sentences.append((self(.deniedData, user, times, self(reason.explained)), true))
        }
        return sentences
    }
}
