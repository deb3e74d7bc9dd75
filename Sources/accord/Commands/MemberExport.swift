import ClientRuntime
import ClientStore
import Foundation
import HealthRecords
import LedgerCore
import Screens
import SyncCore
import TerminalCore

/// A copy of everything the member has, readable by any program.
///
///     index.txt                  what is in here, one line for each entry
///     points.csv                 every movement of points
///     entries/INDEX.jws          the signed entries
///     receipts/INDEX.tlog-proof  their proofs
///     records/NUMBER-KIND.…      the records on this machine, each in its own format
struct MemberExport {
    let desk: MemberDesk
    let folder: URL

    /// Writes everything, readable by the owner only.
    func write() throws -> (entries: Int, records: Int) {
        for name in ["", "entries", "receipts", "records"] {
            try HomeFolders.makePrivate(
                name.isEmpty
                    ? folder : folder.appending(path: name, directoryHint: .isDirectory))
        }
        let entries = try writeEntries()
        try writePoints()
        return (entries, try writeRecords())
    }

    private func writeEntries() throws -> Int {
        let words = desk.output.words
        var index = [String]()
        var count = 0
        for line in try desk.store.activity(offset: 0, limit: 1 << 30).lines.reversed() {
            let place = line.index.map { "#\($0)" } ?? line.state.rawValue
            let title = line.title.map { " · \(words($0).string)" } ?? ""
            index.append("\(line.at.iso)  \(place)  \(words.headline(line).string)\(title)")
            guard let number = line.index, let proof = try desk.store.proof(of: line.entry) else {
                continue
            }
            let receipt = try Receipt(parsing: Array(proof.receipt.utf8))
            try write(receipt.entry.bytes, "entries/\(number).jws")
            try write(receipt.bytes, "receipts/\(number).\(TransparencyProof.fileExtension)")
            count += 1
        }
        try write(text: index, "index.txt")
        return count
    }

    private func writePoints() throws {
        var rows = ["time,index,kind,points,project,title"]
        for line in try desk.store.points(offset: 0, limit: 1 << 30).lines.reversed() {
            let title = MemberExport.field(desk.output.words(line.title).string)
            rows.append(
                "\(line.at.iso),\(line.index),\(line.kind.rawValue),\(line.change.value),"
                    + "\(line.project?.text ?? line.reward?.text ?? ""),\(title)")
        }
        try write(text: rows, "points.csv")
    }

    private func writeRecords() throws -> Int {
        let actions = try desk.session.actions()
        let records = try desk.store.records()
        for line in records {
            let rows = try actions.rows(of: actions.record(line.id))
            let ending = rows.frame.format.fileExtension
            let place = folder.appending(path: "records/\(line.id)-\(line.kind.rawValue).\(ending)")
            try HomeFolders.writePrivate([], to: place)
            let file = try FileHandle(forWritingTo: place)
            try rows.copy { try file.write(contentsOf: Data($0)) }
            try file.close()
        }
        return records.count
    }

    private func write(text lines: [String], _ name: String) throws {
        try write(Array((lines.joined(separator: "\n") + "\n").utf8), name)
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try HomeFolders.writePrivate(bytes, to: folder.appending(path: name))
    }

    /// A CSV field (RFC 4180) that no spreadsheet takes for a formula.
    static func field(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@".contains($0) } ?? false
        let shown = (isFormula ? "'" : "") + text
        return "\"" + shown.replacing("\"", with: "\"\"") + "\""
    }
}
