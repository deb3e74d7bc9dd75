import LedgerCore

/// The table of trials of WHO registries: one row a trial, 25 named columns.
enum RegistryTable {
    static func records(of text: ArraySlice<UInt8>) throws(StudyDefect) -> [StudyRecord] {
        let header = text.prefix { $0 != 0x0a }
        let isTabbed = header.contains(UInt8(ascii: "\t"))
        var reader = CSVReader(text, separator: isTabbed ? 0x09 : UInt8(ascii: ","))
        let names: [String]
        do throws(StudyDefect) {
            guard let header = try reader.next() else { throw StudyDefect.empty }
            names = header.fields
        } catch {
            return [StudyRecord(.line(reader.line)) { () throws(StudyDefect) in throw error }]
        }
        let columns = try Columns(names)
        var records = [StudyRecord]()
        do throws(StudyDefect) {
            while let row = try reader.next() {
                records.append(
                    StudyRecord(.line(row.line)) { () throws(StudyDefect) in
                        guard row.fields.count == names.count else {
                            throw .notCSV(
                                .columnsDiffer(row.fields.count, header: names.count))
                        }
                        return try study(row.fields, columns)
                    })
            }
        } catch {
            records.append(
                StudyRecord(.line(reader.line)) { () throws(StudyDefect) in throw error })
        }
        return records
    }

    /// Where the columns are that become part of a study; all but the first two may be missing.
    private struct Columns {
        let id: Int
        let title: Int
        private let positions: [String: Int]

        init(_ names: [String]) throws(StudyDefect) {
            positions = Dictionary(
                names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            guard let id = positions["trialid"], let title = positions["public_title"] else {
                throw Columns.defect(names)
            }
            self.id = id
            self.title = title
        }

        /// The value of a column; `nil` where the table says in words that there is none.
        func value(_ name: String, _ fields: [String]) -> String? {
            guard let position = positions[name] else { return nil }
            let value = fields[position]
            let absent = [
                "", "None", "Not Available", "No Sponsor Name Given", "No Country Given",
                "No Intervention", "No Status Given", "Not Applicable",
            ]
            return absent.contains(value) ? nil : value
        }

        private static func defect(_ names: [String]) -> StudyDefect {
            let dataSetColumns = [
                "library:dataUseRestriction", "controlledVocabulary", "accessRights",
                "consentLongName",
            ]
            if dataSetColumns.contains(where: names.contains) { return .describesDataSets }
            let shown = StudyText.folded(names.prefix(4).joined(separator: ", "))
            return .formatUnknown(.columns(StudyText.shortened(shown, bytes: 120)))
        }
    }

    private static func study(_ fields: [String], _ columns: Columns) throws(StudyDefect)
        -> ImportedStudy
    {
        let sponsor = columns.value("normed_spon_names", fields)
        return try ImportedStudy(
            registryID: fields[columns.id],
            title: LocalizedText(detecting: fields[columns.title]),
            why: LocalizedText(english: facts(fields, columns)),
            sponsorName: sponsor ?? "",
            startDate: StudyDate.read(columns.value("date_enrollement", fields)),
            endDate: StudyDate.read(
                columns.value("full_completion_date", fields)
                    ?? columns.value("primary_completion_date", fields)),
            targetSeats: columns.value("target_enrollment", fields).flatMap { Int64($0) }
                .flatMap { $0 > 0 ? $0 : nil },
            isOpen: ["Recruiting", "Authorised"]
                .contains(columns.value("recruitment_status", fields) ?? ""),
            link: columns.value("web_address", fields) ?? "")
    }

    /// The sentences that stand for the summary this table has not.
    private static func facts(_ fields: [String], _ columns: Columns) -> String {
        let type = columns.value("study_type", fields) ?? "Study"
        let place = columns.value("countries", fields).map { " in \($0)" } ?? ""
        let phase = columns.value("phase", fields).map { ", \($0)" } ?? ""
        let lines = [
            "\(type.hasSuffix("tional") ? "\(type) study" : type)\(place)\(phase).",
            columns.value("study_category", fields).map { "Field: \($0)." },
            columns.value("intervention", fields).map { "What is studied: \($0)." },
            columns.value("source_register", fields).map { "Registry: \($0)." },
        ]
        return lines.compactMap { $0 }.joined(separator: " ")
    }
}
