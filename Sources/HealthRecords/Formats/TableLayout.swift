import LedgerCore

/// What the columns of a table hold, as far as its names tell.
///
/// Columns that are not known leave with no row: a list of what is fit, not of what is unfit.
struct TableLayout: Equatable {
    /// One thing measured.
    struct Measure: Equatable {
        let column: Int
        let label: String
        let unit: String
    }

    var kind: RecordKind
    /// What a row is about, where no column says it.
    var what: String
    /// The column that says what a row is about.
    var whatColumn: Int?
    /// A second column that says it more closely.
    var detailColumn: Int?
    var date: Int?
    var measures: [Measure]
    /// The column whose value tells one person from another.
    var person: Int?
    /// Columns about the person or a device in rows that measure nothing (Dexcom).
    var personFacts: Int?
    var deviceFacts: Int?
    /// Columns that stay at home, ascending.
    var privateColumns: [Int]
    var columnCount: Int

    /// Reads a line of column names; `nil` if they are of no table that is known.
    init?(_ names: [String]) {
        let folded = names.map(TableLayout.fold)
        guard names.count >= 2, names.count <= 512 else { return nil }
        guard
            let layout = TableLayout.dexcom(names, folded) ?? TableLayout.sections(folded)
                ?? TableLayout.omics(names, folded) ?? TableLayout.wearable(names, folded)
        else {
            return nil
        }
        self = layout
    }

    private init(
        kind: RecordKind, what: String, measures: [Measure], kept: Set<Int>, columnCount: Int
    ) {
        self.kind = kind
        self.what = what
        self.measures = measures
        self.columnCount = columnCount
        privateColumns = (0..<columnCount).filter { !kept.contains($0) }
    }

    private static func fold(_ name: String) -> String {
        String(name.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    // MARK: Dexcom

    private static func dexcom(_ names: [String], _ folded: [String]) -> TableLayout? {
        guard let event = folded.firstIndex(of: "eventtype"),
            let date = folded.firstIndex(where: { $0.hasPrefix("timestamp") }),
            folded.contains(where: { $0.hasPrefix("glucosevalue") })
        else { return nil }
        let known = [
            "glucosevalue": "", "insulinvalue": "insulin", "carbvalue": "carbohydrate",
            "duration": "", "glucoserateofchange": "change",
        ]
        let measures = names.indices.compactMap { column -> Measure? in
            let (label, unit) = split(names[column])
            guard let words = known[fold(label)] else { return nil }
            return Measure(
                column: column, label: words, unit: unit.hasPrefix("hh:") ? "" : unit)
        }
        let detail = folded.firstIndex(of: "eventsubtype")
        let kept = Set(measures.map(\.column) + [event, date] + (detail.map { [$0] } ?? []))
        var layout = TableLayout(
            kind: .wearable, what: "Glucose", measures: measures, kept: kept,
            columnCount: names.count)
        layout.date = date
        layout.whatColumn = event
        layout.detailColumn = detail
        layout.personFacts = folded.firstIndex(of: "patientinfo")
        layout.deviceFacts = folded.firstIndex(of: "deviceinfo")
        return layout
    }

    /// "Glucose Value (mg/dL)" is a name and a unit.
    private static func split(_ name: String) -> (label: String, unit: String) {
        for (open, close) in [("(", ")"), ("[", "]")] {
            guard let start = name.firstIndex(of: Character(open)), name.hasSuffix(close) else {
                continue
            }
            let label = name[..<start].split(separator: " ").joined(separator: " ")
            return (label, String(name[name.index(after: start)...].dropLast()))
        }
        return (name, "")
    }

    // MARK: Fitbit's export with sections

    /// The form in which a file with sections of different columns is kept and leaves.
    static let sectionNames = ["Section", "Date", "Measures"]

    private static func sections(_ folded: [String]) -> TableLayout? {
        guard folded == sectionNames.map(fold) else { return nil }
        var layout = TableLayout(
            kind: .wearable, what: "", measures: [Measure(column: 2, label: "", unit: "")],
            kept: [0, 1, 2], columnCount: 3)
        layout.whatColumn = 0
        layout.date = 1
        return layout
    }

    // MARK: Wearables

    private static let dateNames: Set<String> = [
        "activitydate", "sleepday", "date", "activityhour", "activityminute", "activityday", "time",
        "timestamp", "starttime", "datetime", "day", "sleepdate", "start", "日期", "时间", "开始时间",
    ]
    /// Parts of names that say something was measured, with the unit where the name leaves it out.
    private static let measureWords: [(part: String, unit: String)] = [
        ("steps", ""), ("step", ""), ("calorie", "kcal"), ("distance", ""), ("floors", ""),
        ("minutes", "min"), ("heartrate", "bpm"), ("bpm", "bpm"), ("pulse", "bpm"),
        ("weightkg", "kg"), ("weightpounds", "lb"), ("weight", ""), ("bmi", ""), ("fat", "%"),
        ("asleep", "min"), ("timeinbed", "min"), ("awakenings", ""), ("awake", "min"),
        ("sleeprecords", ""), ("cadence", "/min"), ("speed", "m/s"), ("power", "W"),
        ("temperature", "°C"), ("glucose", ""), ("spo2", "%"), ("oxygen", "%"), ("hrv", "ms"),
        ("rmssd", "ms"), ("stress", ""), ("energy", ""), ("altitude", "m"), ("elevation", "m"),
        ("duration", ""), ("respir", "/min"), ("systolic", "mmHg"), ("diastolic", "mmHg"),
        ("intensity", ""), ("mets", ""), ("value", ""), ("endtime", ""), ("步数", ""),
        ("心率", "bpm"), ("体重", "kg"), ("血压", "mmHg"), ("血糖", "mmol/L"), ("睡眠", ""), ("距离", ""),
        ("热量", "kcal"), ("血氧", "%"),
    ]
    /// Names of columns by which people or devices are known, or that say where they are.
    private static let personNames: Set<String> = [
        "id", "userid", "user", "participant", "participantid", "subject", "subjectid", "patientid",
    ]

    private static func wearable(_ names: [String], _ folded: [String]) -> TableLayout? {
        guard let date = folded.firstIndex(where: { dateNames.contains($0) }) else { return nil }
        var measures: [Measure] = []
        for (column, name) in folded.enumerated() where column != date {
            let isPlace = ["lat", "long", "lon", "lng"].contains { name.hasSuffix($0) }
            guard !personNames.contains(name), name != "logid", !isPlace,
                let known = measureWords.first(where: { name.contains($0.part) })
            else { continue }
            let (label, unit) = split(names[column])
            measures.append(
                Measure(
                    column: column, label: spaced(label), unit: unit.isEmpty ? known.unit : unit))
        }
        // "value" beside a date alone could be anything.
        let telling = measures.filter { !["value", "end time"].contains($0.label) }
        let hasPerson = folded.contains { personNames.contains($0) }
        guard !telling.isEmpty || (hasPerson && !measures.isEmpty) else { return nil }
        var layout = TableLayout(
            kind: .wearable, what: subject(folded), measures: measures,
            kept: Set(measures.map(\.column) + [date]), columnCount: names.count)
        layout.date = date
        layout.person = folded.firstIndex { personNames.contains($0) }
        return layout
    }

    private static func subject(_ folded: [String]) -> String {
        func has(_ word: String) -> Bool { folded.contains { $0.contains(word) } }
        if has("asleep") || has("sleep") || has("睡眠") { return "Sleep" }
        if has("step") || has("步数") { return "Activity" }
        if has("weight") || has("体重") { return "Body weight" }
        if has("cadence") || has("speed") { return "Exercise" }
        if has("heartrate") || has("bpm") || has("心率") { return "Heart rate" }
        if has("glucose") || has("血糖") { return "Glucose" }
        if has("systolic") || has("血压") { return "Blood pressure" }
        return has("calorie") ? "Energy" : "Measurement"
    }

    /// "TotalSteps" and "heart_rate" as words: "total steps", "heart rate".
    static func spaced(_ name: String) -> String {
        var words = ""
        var before: Character = " "
        for character in name {
            if character.isUppercase, before.isLowercase { words.append(" ") }
            words.append(character == "_" ? " " : character)
            before = character
        }
        // "BMI" and "METs" keep their capitals.
        return words.split(separator: " ").map { word in
            word.dropFirst().contains(where: \.isUppercase)
                ? String(word) : word.lowercased()
        }.joined(separator: " ")
    }

    // MARK: Omics

    private struct Omics {
        let kind: RecordKind
        let what: String
        let ids: Set<String>
        let measures: Set<String>
    }

    private static let omicsTables = [
        Omics(
            kind: .transcriptomic, what: "Expression",
            ids: [
                "geneid", "gene", "genename", "genesymbol", "ensemblid", "ensemblgeneid",
                "transcriptid", "ensgid",
            ],
            measures: [
                "tpm", "fpkm", "rpkm", "counts", "count", "readcount", "expectedcount",
                "expression", "log2tpm",
            ]),
        Omics(
            kind: .proteomic, what: "Protein",
            ids: [
                "uniprot", "uniprotid", "protein", "proteinid", "proteinids", "proteingroup",
                "assay", "majorityproteinids",
            ],
            measures: [
                "npx", "intensity", "abundance", "lfqintensity", "ibaq", "concentration", "rfu",
                "quantity",
            ]),
        Omics(
            kind: .metabolomic, what: "Metabolite",
            ids: [
                "metabolite", "metabolitename", "hmdb", "hmdbid", "compound", "biochemical",
                "chebi", "chebiid", "kegg", "lipid", "lipidspecies",
            ],
            measures: ["concentration", "intensity", "peakarea", "abundance", "level", "zscore"]),
        Omics(
            kind: .microbiome, what: "Taxon",
            ids: [
                "cladename", "taxonomy", "taxon", "otu", "otuid", "asv", "genus", "species",
                "taxonomyid", "ncbitaxid",
            ],
            measures: [
                "relativeabundance", "abundance", "reads", "count", "counts", "percentage",
                "fractiontotalreads", "newestreads",
            ]),
    ]

    private static func omics(_ names: [String], _ folded: [String]) -> TableLayout? {
        for table in omicsTables {
            guard let id = folded.firstIndex(where: { table.ids.contains($0) }) else { continue }
            let measures = names.indices.filter {
                table.measures.contains(fold(split(names[$0]).label))
            }.map {
                Measure(
                    column: $0, label: spaced(split(names[$0]).label),
                    unit: split(names[$0]).unit)
            }
            guard !measures.isEmpty else { continue }
            let ids = folded.indices.filter { table.ids.contains(folded[$0]) }
            let date = folded.firstIndex { ["date", "sampledate", "collected"].contains($0) }
            var layout = TableLayout(
                kind: table.kind, what: table.what, measures: measures,
                kept: Set(measures.map(\.column) + ids + (date.map { [$0] } ?? [])),
                columnCount: names.count)
            layout.whatColumn = id
            layout.detailColumn = ids.first { $0 != id }
            layout.date = date
            layout.person = folded.firstIndex {
                ["sample", "sampleid", "patientid", "subjectid", "participantid"].contains($0)
            }
            return layout
        }
        return nil
    }
}
