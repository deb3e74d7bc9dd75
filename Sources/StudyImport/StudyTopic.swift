import LedgerCore

/// What the words of a study say about its programme and the data it could ask for.
///
/// The rules are words, nothing more: a word list per topic, matched where a word begins, in
/// either language. They guess; whoever publishes the study sees the guess first.
struct StudyTopic: OptionSet {
    let rawValue: UInt16

    static let tumour = StudyTopic(rawValue: 1 << 0)
    static let maternalChild = StudyTopic(rawValue: 1 << 1)
    static let rare = StudyTopic(rawValue: 1 << 2)
    static let omics = StudyTopic(rawValue: 1 << 3)
    static let genomic = StudyTopic(rawValue: 1 << 4)
    static let transcriptomic = StudyTopic(rawValue: 1 << 5)
    static let proteomic = StudyTopic(rawValue: 1 << 6)
    static let metabolomic = StudyTopic(rawValue: 1 << 7)
    static let microbiome = StudyTopic(rawValue: 1 << 8)
    static let imaging = StudyTopic(rawValue: 1 << 9)
    static let wearable = StudyTopic(rawValue: 1 << 10)

    private static let programmeTopics: StudyTopic = [.tumour, .maternalChild, .rare, .omics]

    /// Finds the topics: those of programmes in title and conditions only, those of kinds
    /// in the summary too.
    static func topics(title: LocalizedText, conditions: [String], why: LocalizedText)
        -> StudyTopic
    {
        let subject = [title.english, title.chinese] + conditions
        return topics(in: subject)
            .union(topics(in: [why.english, why.chinese]).subtracting(programmeTopics))
    }

    /// The programme: the first of tumours, mothers and children, rare diseases and omics.
    var programme: Programme {
        if contains(.tumour) { return .tumourCare }
        if contains(.maternalChild) { return .maternalChild }
        if contains(.rare) { return .rareDisease }
        if contains(.omics) { return .crossOmics }
        return .staffPlan
    }

    /// The kinds of data the words name, ascending; clinical records are not among them.
    var kinds: [RecordKind] {
        let pairs: [(StudyTopic, RecordKind)] = [
            (.genomic, .genomic), (.transcriptomic, .transcriptomic), (.proteomic, .proteomic),
            (.metabolomic, .metabolomic), (.microbiome, .microbiome), (.imaging, .imaging),
            (.wearable, .wearable),
        ]
        return pairs.filter { contains($0.0) }.map(\.1)
    }

    /// Beginnings of words; one that ends with a space is a whole word.
    private static let words: [(StudyTopic, [String])] = [
        (
            .tumour,
            [
                "cancer", "tumor", "tumour", "carcinoma", "adenocarcinoma", "sarcoma",
                "osteosarcoma", "leukemia", "leukaemia", "lymphoma", "melanoma", "myeloma",
                "glioma", "glioblastoma", "neuroblastoma", "retinoblastoma", "oncolog", "neoplas",
                "metasta", "nsclc ", "肿瘤", "癌", "白血病", "淋巴瘤",
            ]
        ),
        (
            .maternalChild,
            [
                "pregnan", "maternal", "mother", "obstetric", "antenatal", "prenatal", "perinatal",
                "postpartum", "preeclampsia", "pre eclampsia", "neonat", "newborn", "infant",
                "preterm", "premature infant", "child", "pediatric", "paediatric", "breastfe",
                "孕", "产妇", "产前", "新生儿", "儿童", "婴",
            ]
        ),
        (.rare, ["rare disease", "rare disorder", "rare genetic", "orphan", "罕见病", "孤儿药"]),
        (
            .omics,
            [
                "genom", "omics ", "multiomic", "multi omic", "transcriptom", "proteom",
                "metabolom", "microbio", "基因组", "组学", "微生物组", "宏基因",
            ]
        ),
        (
            .genomic,
            [
                "genom", "genetic", "gene ", "genes ", "genotyp", "sequencing", "exome", "gwas ",
                "pharmacogen", "mutant", "mutation", "基因", "突变", "测序",
            ]
        ),
        (
            .transcriptomic,
            ["transcriptom", "rna seq", "gene expression", "mrna expression", "转录组"]
        ),
        (.proteomic, ["proteom", "蛋白质组"]),
        (.metabolomic, ["metabolom", "lipidom", "代谢组"]),
        (
            .microbiome,
            ["microbio", "metagenom", "gut flora", "fecal ", "faecal ", "微生物组", "肠道菌", "菌群"]
        ),
        (
            .imaging,
            [
                "imaging", "mri ", "ct scan", "computed tomograph", "tomograph", "pet ct",
                "ultraso", "radiograph", "radiolog", "x ray", "echocardiogra", "影像", "超声",
            ]
        ),
        (
            .wearable,
            [
                "wearable", "actigraph", "smartwatch", "smart watch", "acceleromet", "pedomet",
                "fitness tracker", "continuous glucose", "heart rate variability", "可穿戴", "手环",
            ]
        ),
    ]

    /// The words by their first byte.
    private static let table: [[(topic: StudyTopic, word: [UInt8])]] = {
        var table = [[(topic: StudyTopic, word: [UInt8])]](repeating: [], count: 256)
        for (topic, words) in words {
            for word in words {
                let bytes = Array(word.utf8)
                if let first = bytes.first { table[Int(first)].append((topic, bytes)) }
            }
        }
        return table
    }()

    private static func topics(in texts: [String]) -> StudyTopic {
        var bytes = [UInt8]()
        for text in texts {
            for byte in text.utf8 {
                switch byte {
                case 0x30...0x39, 0x61...0x7a, 0x80...: bytes.append(byte)
                case 0x41...0x5a: bytes.append(byte | 0x20)
                default: if bytes.last != 0x20 { bytes.append(0x20) }
                }
            }
            bytes.append(0x20)
        }
        var found = StudyTopic()
        var previous: UInt8 = 0x20
        for index in bytes.indices {
            let byte = bytes[index]
            if previous == 0x20 || previous >= 0x80 || byte >= 0x80 {
                for (topic, word) in table[Int(byte)]
                where !found.contains(topic) && matches(word, bytes[index...]) {
                    found.insert(topic)
                }
            }
            previous = byte
        }
        return found
    }

    /// Whether a text begins with a word; the space that ends one also stands for the beginning
    /// of other letters, as in `NSCLC疗效`.
    private static func matches(_ word: [UInt8], _ text: ArraySlice<UInt8>) -> Bool {
        guard word.last == 0x20 else { return text.starts(with: word) }
        guard text.starts(with: word.dropLast()) else { return false }
        let end = text.startIndex + word.count - 1
        return text[end] == 0x20 || text[end] >= 0x80
    }
}
