import LedgerCore

/// A record of a study file that is not taken, and why.
package struct SkippedRecord: Hashable, Sendable {
    /// Where it stands.
    package let position: StudyPosition
    /// Why it is not taken.
    package let defect: StudyDefect
}

/// What came out of a study file; every record of it is in one of the two lists.
package struct StudyFileOutcome: Hashable, Sendable {
    /// The studies, in the order of the file; no two become the same project.
    package var studies: [ImportedStudy] = []
    /// The records that are no study or stand there twice, in the order of the file.
    package var skipped: [SkippedRecord] = []

    /// How many records the file has.
    package var recordCount: Int { studies.count + skipped.count }
}

/// Reads files of study registries.
///
/// The format is told by what is in the file, never by its name: ClinicalTrials.gov JSON (API v2,
/// and the older "full studies", one or one a line) and XML, FHIR R4 ResearchStudy or bundles of
/// them, records of CTIS, EUCTR and ISRCTN as ctrdata keeps them, ChiCTR records with Chinese
/// keys, and the CSV of trials of WHO registries.
package enum StudyFile {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - name: How refusals name the file.
    ///   - bytes: The whole file: UTF-8, at most `StudyLimits.fileBytes`.
    /// - Returns: At least one study, and the records that are not taken.
    /// - Throws: `StudyRefusal` if not a single study comes out.
    package static func read(name: String, bytes: [UInt8]) throws(StudyRefusal)
        -> StudyFileOutcome
    {
        var records: [StudyRecord]
        do {
            records = try self.records(of: text(bytes))
        } catch {
            throw StudyRefusal(file: name, position: .file, defect: error)
        }
        var outcome = StudyFileOutcome()
        var positions = [ProjectID: StudyPosition]()
        for record in records {
            switch record.content {
            case .success(let study):
                if let earlier = positions.updateValue(record.position, forKey: study.project) {
                    positions[study.project] = earlier
                    outcome.skipped.append(
                        SkippedRecord(position: record.position, defect: .duplicate(of: earlier)))
                } else {
                    outcome.studies.append(study)
                }
            case .failure(let defect):
                outcome.skipped.append(SkippedRecord(position: record.position, defect: defect))
            }
        }
        if outcome.studies.isEmpty {
            let first = outcome.skipped.first
            throw StudyRefusal(
                file: name, position: first?.position ?? .file, defect: first?.defect ?? .empty)
        }
        return outcome
    }

    /// Checks size and encoding; leaves a byte order mark out.
    private static func text(_ bytes: [UInt8]) throws(StudyDefect) -> ArraySlice<UInt8> {
        guard bytes.count <= StudyLimits.fileBytes else { throw .tooLarge }
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        guard !text.contains(0), String(validating: text, as: UTF8.self) != nil else {
            throw .notText
        }
        return text
    }

    private static func records(of text: ArraySlice<UInt8>) throws(StudyDefect) -> [StudyRecord] {
        guard let first = text.first(where: { !isBlank($0) }) else { throw .empty }
        switch first {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return try JSONStudies.records(of: text)
        case UInt8(ascii: "<"): return try ClinicalTrialsXML.records(of: text)
        default: return try RegistryTable.records(of: text)
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }
}

/// One record of a file: a study, or why it is none.
struct StudyRecord {
    let position: StudyPosition
    let content: Result<ImportedStudy, StudyDefect>

    init(_ position: StudyPosition, _ read: () throws(StudyDefect) -> ImportedStudy) {
        self.position = position
        do {
            content = .success(try read())
        } catch {
            content = .failure(error)
        }
    }
}
