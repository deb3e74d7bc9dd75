import LedgerCore

/// Tables with a line of column names: what Fitbit, Dexcom and other devices export, and lists of
/// expression, proteins, metabolites and taxa; one row for each line.
struct TableReader: FormatReader {
    /// Lines in front of the column names that are passed over as a heading.
    static let headingLimit = 40

    private let name: String
    private var feed = LineFeed()
    private var lines: TableLines

    init(name: String, options: RecordReadOptions) {
        self.name = name
        lines = TableLines(name: name, person: options.person)
    }

    mutating func append(_ piece: UnsafeRawBufferPointer, to collector: RowCollector)
        throws(RecordImportError)
    {
        var lines = self.lines
        try feed.append(piece, of: name) { (line, number) throws(RecordImportError) in
            try lines.take(line, number, collector)
        }
        self.lines = lines
    }

    mutating func finish(_ collector: RowCollector) throws(RecordImportError) {
        var lines = self.lines
        try feed.finish { (line, number) throws(RecordImportError) in
            try lines.take(line, number, collector)
        }
        lines.settleOrder(collector)
        self.lines = lines
        guard lines.layout != nil else {
            throw RecordImportError(
                file: name, place: .line(1), reason: .unknownTable)
        }
        guard collector.rowCount > 0 else {
            throw RecordImportError(
                file: name, place: .line(max(feed.lineCount, 1)),
                reason: .noRows(collector.skipped.listed.first?.reason))
        }
        collector.frame = lines.frame
    }
}

/// The state of a table's reader between two lines.
struct TableLines {
    let name: String
    var person: String?
    private(set) var layout: TableLayout?
    private var header: [UInt8] = []
    private var delimiter: UInt8 = 0x2c
    private var fields = LineFields()
    private var headings = 0
    /// The title of the section the lines are in; `nil` for a file without sections.
    private var section: String?
    private var isAwaitingHeader = true
    /// Whether day or month stands first; `nil` until enough dates were seen.
    private var order: CivilTime.Order?
    /// Lines that wait until it is known how dates are to be read.
    private var waiting: [(line: [UInt8], number: Int)] = []

    /// How many lines are looked at to learn whether the day or the month stands first.
    private static let orderLines = 400
    private static let sectionTitles: Set<String> = [
        "Body", "Foods", "Activities", "Sleep", "Exercises", "Heart Rate", "Oxygen Saturation",
    ]

    init(name: String, person: String?) {
        self.name = name
        self.person = person
    }

    /// What stands around the lines that leave.
    var frame: ContentFrame {
        guard let layout, section == nil else {
            return ContentFrame(
                format: .table,
                head: Array((TableLayout.sectionNames.joined(separator: ",") + "\n").utf8))
        }
        var removed: [RemovedPart: Int] = [:]
        return ContentFrame(
            format: .table,
            head: TableLine.clean(
                header[...], without: layout.privateColumns, of: layout.columnCount,
                delimiter: delimiter, removed: &removed),
            homeHead: header, privateColumns: layout.privateColumns, delimiter: delimiter)
    }

    mutating func take(
        _ line: UnsafeRawBufferPointer, _ number: Int, _ collector: RowCollector
    ) throws(RecordImportError) {
        if isAwaitingHeader || section != nil, try takeHeader(line, number, collector) { return }
        guard !line.isEmpty else { return }
        if order == nil {
            waiting.append((Array(line), number))
            if waiting.count >= TableLines.orderLines { settleOrder(collector) }
            return
        }
        if let reason = takeRow(line, collector) { collector.skip(.line(number), reason) }
    }

    // MARK: Header

    /// Whether the line belongs to the heading or names the columns.
    private mutating func takeHeader(
        _ line: UnsafeRawBufferPointer, _ number: Int, _ collector: RowCollector
    ) throws(RecordImportError) -> Bool {
        let bytes =
            Bytes.hasPrefix(line, "\u{feff}")
            ? UnsafeRawBufferPointer(rebasing: line.dropFirst(3)) : line
        let text = String(decoding: bytes.prefix(65_536), as: UTF8.self)
        let title = text.trimmingPrefix("\"").prefix { $0 != "," && $0 != "\"" && $0 != "\r" }
        if TableLines.sectionTitles.contains(String(title)) || title.hasPrefix("Food Log ") {
            settleOrder(collector)
            section = title.hasPrefix("Food Log ") ? "Foods" : String(title)
            order = nil
            isAwaitingHeader = true
            return true
        }
        guard isAwaitingHeader else { return false }
        if text.allSatisfy({ $0 == "," || $0 == ";" || $0 == "\t" || $0 == " " }) { return true }
        delimiter = TableLines.delimiter(of: text)
        guard fields.cutQuoted(bytes, at: delimiter) else {
            throw RecordImportError(
                file: name, place: .line(number), reason: .noRows(.openQuote))
        }
        let names = (0..<fields.count).map { fields.text($0, of: bytes) }
        if let found = TableLayout(names) {
            layout = found
            header = Array(bytes) + [0x0a]
            isAwaitingHeader = false
            if found.date == nil { order = .monthFirst }
            return true
        }
        headings += 1
        // A section without a table, such as what was eaten on a day, is passed over.
        guard section != nil || headings <= TableReader.headingLimit else {
            throw RecordImportError(file: name, place: .line(1), reason: .unknownTable)
        }
        if section != nil || headings > 1 || fields.count > 1 {
            collector.skip(.line(number), .noValue)
        }
        return true
    }

    private static func delimiter(of text: String) -> UInt8 {
        let counts = [("\t", UInt8(0x09)), (";", 0x3b), (",", 0x2c)].map { mark, byte in
            (text.filter { String($0) == mark }.count, byte)
        }
        return counts.max { $0.0 < $1.0 }.map { $0.0 > 0 ? $0.1 : 0x2c } ?? 0x2c
    }

    /// Decides how dates are to be read from the lines that wait, and reads them.
    mutating func settleOrder(_ collector: RowCollector) {
        guard order == nil, let layout, let date = layout.date else { return }
        var isDayFirst = false
        for (line, _) in waiting {
            line.withUnsafeBytes { line in
                guard fields.cutQuoted(line, at: delimiter) else { return }
                let text = fields.text(date, of: line)
                let parts = text.split { $0 == "/" || $0 == "-" || $0 == "." }
                if parts.count >= 3, parts[0].count <= 2, let first = Int(parts[0]), first > 12 {
                    isDayFirst = true
                }
            }
        }
        order = isDayFirst ? .dayFirst : .monthFirst
        let lines = waiting
        waiting = []
        for (line, number) in lines {
            line.withUnsafeBytes { line in
                if let reason = takeRow(line, collector) {
                    collector.skip(.line(number), reason)
                }
            }
        }
    }

    // MARK: Rows

    private mutating func takeRow(_ line: UnsafeRawBufferPointer, _ collector: RowCollector)
        -> SkipReason?
    {
        guard let layout else { return .columnCount }
        guard fields.cutQuoted(line, at: delimiter) else { return .openQuote }
        // A spreadsheet leaves a delimiter behind the last column.
        let isTrailing =
            fields.count == layout.columnCount + 1
            && fields.field(layout.columnCount, of: line).isEmpty
        guard fields.count == layout.columnCount || isTrailing else { return .columnCount }
        if let reason = checkPerson(layout, line) { return reason }
        if let facts = layout.personFacts, !fields.field(facts, of: line).isEmpty {
            addFacts(layout, facts, line, collector, isTrailing: isTrailing)
            return nil
        }
        let value = value(layout, line)
        guard !value.isEmpty else {
            let facts = layout.deviceFacts ?? -1
            return fields.field(facts, of: line).isEmpty ? .noValue : .aboutDevice
        }
        var when = ""
        var time: Int64?
        if let date = layout.date {
            when = fields.text(date, of: line)
            time = CivilTime.milliseconds(when, order: order ?? .monthFirst)
            // A setting of a device has no date and is no finding.
            if when.isEmpty, layout.personFacts != nil || layout.deviceFacts != nil {
                return .aboutDevice
            }
            guard time != nil else { return .badDate }
        }
        let what = what(layout, line)
        collector.add(
            layout.kind, group: group(layout, line), time: time, what: what, when: when,
            value: value, unit: unit(line, when: when, value: value, isTrailing: isTrailing))
        countRemoved(layout, line, collector)
        return nil
    }

    private mutating func checkPerson(_ layout: TableLayout, _ line: UnsafeRawBufferPointer)
        -> SkipReason?
    {
        guard let column = layout.person else { return nil }
        let found = fields.text(column, of: line)
        if let person { return person == found ? nil : .otherPerson }
        person = found
        return nil
    }

    private func addFacts(
        _ layout: TableLayout, _ facts: Int, _ line: UnsafeRawBufferPointer,
        _ collector: RowCollector, isTrailing: Bool
    ) {
        collector.add(
            layout.kind, group: "About the person", time: nil, flags: .identifies,
            what: TableLayout.spaced(layout.whatColumn.map { fields.text($0, of: line) } ?? ""),
            when: "", value: fields.text(facts, of: line),
            unit: whole(line, isTrailing: isTrailing))
    }

    private func what(_ layout: TableLayout, _ line: UnsafeRawBufferPointer) -> String {
        if let section, layout.whatColumn == nil { return section }
        guard let column = layout.whatColumn else { return layout.what }
        let text = fields.text(column, of: line)
        let detail = layout.detailColumn.map { fields.text($0, of: line) } ?? ""
        let named = text == "EGV" ? layout.what : text
        return detail.isEmpty ? named : "\(named): \(detail)"
    }

    private func group(_ layout: TableLayout, _ line: UnsafeRawBufferPointer) -> String {
        // The ids of genes and taxa are no sorts of rows: there is one for each.
        guard let column = layout.whatColumn, layout.kind == .wearable else {
            return section ?? layout.what
        }
        let text = fields.text(column, of: line)
        return text == "EGV" ? layout.what : PlainText.line(text, limit: 40)
    }

    private func value(_ layout: TableLayout, _ line: UnsafeRawBufferPointer) -> String {
        let isAlone = layout.measures.count == 1 || layout.personFacts != nil
        var parts: [String] = []
        for measure in layout.measures {
            let text = fields.text(measure.column, of: line)
            guard !text.isEmpty, text != "0" || layout.measures.count == 1 else { continue }
            let label =
                isAlone && measure.label.isEmpty || layout.measures.count == 1
                ? "" : measure.label
            let unit = measure.unit.isEmpty ? "" : " \(measure.unit)"
            parts.append(label.isEmpty ? text + unit : "\(label) \(text)\(unit)")
        }
        if parts.isEmpty,
            layout.measures.contains(where: { fields.text($0.column, of: line) == "0" })
        {
            return "0"
        }
        return parts.joined(separator: "; ")
    }

    private func unit(
        _ line: UnsafeRawBufferPointer, when: String, value: String, isTrailing: Bool
    ) -> [UInt8] {
        if let section {
            let quoted = value.replacing("\"", with: "")
            return Array("\(section),\"\(when)\",\"\(quoted)\"\n".utf8)
        }
        return whole(line, isTrailing: isTrailing)
    }

    /// A line as it stands, but for a delimiter behind the last column.
    private func whole(_ line: UnsafeRawBufferPointer, isTrailing: Bool) -> [UInt8] {
        let end = isTrailing ? line.lastIndex(of: delimiter) ?? line.count : line.count
        return Array(line[..<end]) + [0x0a]
    }

    private func countRemoved(
        _ layout: TableLayout, _ line: UnsafeRawBufferPointer, _ collector: RowCollector
    ) {
        guard section == nil else { return }
        let count = layout.privateColumns.count { !fields.field($0, of: line).isEmpty }
        if count > 0 { collector.count([.identifier: count], in: layout.kind) }
    }
}
