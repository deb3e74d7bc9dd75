import LedgerCore
import SyncCore
import TerminalCore

/// The check of an entry in three lines; its ids on demand.
enum Proof {
    struct Model: Equatable {
        let proof: EntryProof
        var showsIDs = false
    }

    static func write(_ model: Model, _ say: Words, into page: inout Document) {
        let proof = model.proof
        for (index, step) in steps(proof, say).enumerated() {
            page.field("\(index + 1)", step, labelWidth: 3)
        }
        page.blank()
        page.text("✓ " + say(.proofHolds), .statusOK)
        page.blank()
        page.field(say(.recorded), say.dateTime(proof.recordedAt))
        if model.showsIDs {
            page.field(say(.entryID), SafeText(untrusted: proof.entry.hex), .textMuted)
            page.field(say(.deviceID), SafeText(untrusted: proof.device.text), .textMuted)
            page.field(say(.rootHash), SafeText(untrusted: proof.root.hex), .textMuted)
            page.field(say(.pathHashes), "\(proof.pathLength)", .textMuted)
            page.blank()
        }
        page.text(say(.proofReceipt), .textMuted)
    }

    /// Who signed, where it stands, who vouches for that.
    private static func steps(_ proof: EntryProof, _ say: Words) -> [SafeText] {
        let device = SafeText(untrusted: String(proof.device.text.prefix(8)))
        let signed: SafeText
        switch proof.signer {
        case .own: signed = say(.proofSignedByYou, device)
        case .institution(let name): signed = say(.proofSignedBy, say(name), device)
        case .unknown: signed = say(.proofSigned, device)
        }
        return [
            signed,
            say(.proofIncluded, "\(proof.index)", say.number(proof.treeSize)),
            say(proof.continuesOthers ? .proofFollows : .proofFirstCheckpoint),
        ]
    }
}

/// Saving a receipt: the path is typed or confirmed, a file that is there is never lost silently.
enum SaveReceipt {
    struct Model: Equatable {
        let proof: EntryProof
        var field: TextField
        /// The path of a file that is there: taking the same path again replaces it.
        var taken: String?

        init(_ proof: EntryProof) {
            self.proof = proof
            field = TextField("~/accord-\(proof.index).tlog-proof")
        }

        /// What Enter does; `nil` without a path.
        var action: Action? {
            field.text.isEmpty
                ? nil
                : .exportReceipt(
                    proof.entry, path: field.text, isReplacing: taken == field.text)
        }
    }

    static func write(_ model: Model, _ say: Words, into page: inout Document) {
        page.input(
            "", SafeText(untrusted: model.field.text), hint: say(.savePathHint), isFocused: true)
        page.blank()
        if model.taken == model.field.text {
            page.text(say(.fileExists), .statusWarning)
        } else {
            page.text(say(.proofReceipt), .textMuted)
        }
    }
}
