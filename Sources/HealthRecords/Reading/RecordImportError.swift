package import LedgerCore

/// Why a file cannot be imported: which file, where in it, and the reason.
package struct RecordImportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Name of the file, as it was given.
    package let file: String
    /// Where the reason lies; `nil` if it is the file as a whole.
    package let place: Place?
    /// What is wrong.
    package let reason: Reason

    /// Makes an error.
    package init(file: String, place: Place?, reason: Reason) {
        self.file = file
        self.place = place
        self.reason = reason
    }

    /// A place in a file.
    package enum Place: Equatable, Sendable {
        /// A byte of a line; both from 1.
        case character(line: Int, column: Int)
        /// A line, from 1.
        case line(Int)
        /// A byte of a file that is no text, from 0.
        case byte(Int)
    }

    /// What is wrong with a file.
    package enum Reason: Hashable, Sendable {
        /// There is nothing in it but white space.
        case empty
        /// It is longer than `limitBytes`.
        case tooLong(limitBytes: Int)
        /// It is not text in UTF-8.
        case notUTF8
        /// It is XML of another kind than Apple Health's export; the name of its root.
        case otherXML(String)
        /// It is FHIR in XML; FHIR is read as JSON.
        case xmlFHIR
        /// It is a route of places.
        case route
        /// It is not well-formed XML; what the parser says.
        case badXML(String)
        /// Its document type declares entities, or it uses one that is not declared.
        case entities
        /// It is no JSON text at all.
        case notJSON
        /// The text ends inside a value.
        case endsEarly
        /// A byte stands where JSON does not allow it.
        case unexpectedByte(UInt8)
        /// A backslash is followed by something JSON does not know.
        case badEscape
        /// Brackets or elements are nested deeper than 64.
        case tooDeep
        /// An object has two members of one name.
        case duplicateName(String)
        /// It is JSON of more than `limit` values, or of more than `limit` lines.
        case tooManyValues(limit: Int)
        /// It is JSON, but has no member `resourceType`.
        case notFHIR
        /// It is a bundle or list without a single resource.
        case noResources
        /// Its beginning is that of no format of health records.
        case unknownFormat
        /// A line is longer than `limitBytes`.
        case lineTooLong(limitBytes: Int)
        /// A record with all it holds is longer than `limitBytes`.
        case rowTooLong(limitBytes: Int)
        /// A table without the columns that would make it a health record.
        case unknownTable
        /// VCF of a version other than 4.0 to 4.4.
        case variantVersion(String)
        /// VCF without the line of column names, or with other columns.
        case variantHeader
        /// It holds the genotypes of several people; their names.
        case severalPeople([String])
        /// It has no sample or person of the name that was given.
        case noSuchPerson(String)
        /// A checksum of it does not fit: it is damaged.
        case badChecksum
        /// It is a FIT file that contradicts itself.
        case badFIT
        /// The compressed file is damaged or cut off.
        case badCompression
        /// There is no library on this machine that opens archives.
        case archivesUnreadable
        /// The archive holds no file of health records.
        case emptyArchive
        /// Not one line or message of it is a row; the first reason.
        case noRows(SkipReason?)
        /// The file cannot be read; what the system says.
        case unreadable(String)
    }

    /// One line for people: file, place, reason.
    package var description: String { words.english }

    /// One line for people, in both languages: file, place, reason.
    package var words: LocalizedText {
        let file = PlainText.line(file)
        let place: (english: String, chinese: String) =
            switch self.place {
            case nil: ("", "")
            case .character(let line, let column):
                (", line \(line), column \(column)", "，第 \(line) 行第 \(column) 列")
            case .line(let line): (", line \(line)", "，第 \(line) 行")
            case .byte(let byte): (", byte \(byte)", "，第 \(byte) 字节")
            }
        let reason = reason.words
        return LocalizedText(
            english: "\(file)\(place.english): \(reason.english)",
            chinese: "\(file)\(place.chinese)：\(reason.chinese)")
    }
}

extension RecordImportError.Reason: CustomStringConvertible {
    /// The reason in words, in lower case and without a full stop.
    package var description: String { words.english }

    /// The reason in both languages.
    package var words: LocalizedText {
        switch self {
        case .empty: .init(english: "the file is empty", chinese: "文件是空的")
        case .tooLong(let limit):
            .init(
                english: "the file is longer than \(limit >> 20) MiB",
                chinese: "文件超过 \(limit >> 20) MiB")
        case .notUTF8: .init(english: "the text is not UTF-8", chinese: "文本不是 UTF-8 编码")
        case .otherXML, .xmlFHIR, .route, .badXML, .entities: xmlWords
        case .notJSON, .endsEarly, .unexpectedByte, .badEscape, .tooDeep, .duplicateName,
            .tooManyValues, .notFHIR, .noResources:
            jsonWords
        case .variantVersion, .variantHeader, .severalPeople, .noSuchPerson: variantWords
        case .unknownFormat:
            .init(
                english: "not a format of health records that is known here",
                chinese: "不是可识别的健康记录格式")
        case .lineTooLong(let limit):
            .init(
                english: "the line is longer than \(limit >> 20) MiB",
                chinese: "该行超过 \(limit >> 20) MiB")
        case .rowTooLong(let limit):
            .init(
                english: "one record is longer than \(limit >> 20) MiB",
                chinese: "单条记录超过 \(limit >> 20) MiB")
        case .unknownTable:
            .init(
                english: "a table, but none of its columns is a health record that is known here",
                chinese: "这是表格，但没有可识别的健康数据列")
        case .badChecksum:
            .init(
                english: "the checksum does not fit: the file is damaged",
                chinese: "校验和不符：文件已损坏")
        case .badFIT:
            .init(
                english: "not a sound FIT file: a message is cut off or was never defined",
                chinese: "FIT 文件不完整：有消息被截断或未经定义")
        case .badCompression:
            .init(
                english: "the compressed file is damaged or cut off", chinese: "压缩文件已损坏或被截断")
        case .archivesUnreadable:
            .init(
                english: "archives cannot be opened: libzip is not installed; unpack it first",
                chinese: "无法打开压缩包：未安装 libzip；请先自行解压")
        case .emptyArchive:
            .init(
                english: "no file in the archive is a health record that is known here",
                chinese: "压缩包内没有可识别的健康记录")
        case .noRows(let first):
            .init(
                english: "nothing in it gives a row"
                    + (first.map { ": \($0.words.english)" } ?? ""),
                chinese: "没有一行可用" + (first.map { "：\($0.words.chinese)" } ?? ""))
        case .unreadable(let why):
            .init(english: "the file cannot be read: \(why)", chinese: "无法读取文件：\(why)")
        }
    }

    private var xmlWords: LocalizedText {
        switch self {
        case .otherXML(let root):
            .init(
                english: "XML, but no export of Apple Health: its root is \"\(root)\"",
                chinese: "这是 XML，但不是“健康”App 的导出文件：根元素为“\(root)”")
        case .xmlFHIR:
            .init(
                english: "this is FHIR in XML; export the records as FHIR JSON",
                chinese: "这是 XML 格式的 FHIR；请导出为 FHIR JSON")
        case .route:
            .init(
                english: "a route: where you were, which is no health record",
                chinese: "这是路线：只记录您到过哪里，不是健康记录")
        case .badXML(let why): .init(english: "not XML here: \(why)", chinese: "此处不是合法的 XML：\(why)")
        case .entities:
            .init(
                english: "the document declares or uses entities of its own, which are not loaded",
                chinese: "文档声明或使用了自定义实体，系统不会加载")
        default: .init(english: "not XML", chinese: "不是 XML")
        }
    }

    private var jsonWords: LocalizedText {
        switch self {
        case .notJSON:
            .init(
                english: "this is not a FHIR file: it does not begin as JSON",
                chinese: "这不是 FHIR 文件：开头不是 JSON")
        case .endsEarly:
            .init(english: "the text ends before its last value does", chinese: "文本在最后一个值结束之前中断")
        case .unexpectedByte(let byte):
            .init(
                english: "not JSON here: unexpected \(Self.name(byte))",
                chinese: "此处不是合法的 JSON：意外的 \(Self.name(byte))")
        case .badEscape:
            .init(
                english: "not JSON here: unknown escape after a backslash",
                chinese: "此处不是合法的 JSON：反斜杠后的转义无效")
        case .tooDeep:
            .init(
                english: "brackets are nested deeper than \(JSONDocument.maximumDepth)",
                chinese: "嵌套超过 \(JSONDocument.maximumDepth) 层")
        case .duplicateName(let name):
            .init(
                english: "the name \"\(name)\" stands twice in one object",
                chinese: "名称“\(name)”在同一对象中出现两次")
        case .tooManyValues(let limit):
            .init(
                english: "more than \(limit) values in one file; split it",
                chinese: "一个文件中的值超过 \(limit) 个；请拆分文件")
        case .notFHIR:
            .init(
                english: "JSON, but not FHIR: no resourceType",
                chinese: "这是 JSON，但不是 FHIR：缺少 resourceType")
        default: .init(english: "the bundle holds no resource", chinese: "Bundle 中没有资源")
        }
    }

    private var variantWords: LocalizedText {
        switch self {
        case .variantVersion(let version):
            .init(
                english: "VCF of version \"\(version)\": 4.0 to 4.4 are read",
                chinese: "VCF 版本为“\(version)”：仅支持 4.0 至 4.4")
        case .variantHeader:
            .init(
                english: "VCF without its line of column names, #CHROM to INFO",
                chinese: "VCF 缺少 #CHROM 至 INFO 的列名行")
        case .severalPeople(let names):
            .init(
                english: "it holds the genotypes of \(names.count) people"
                    + " (\(RecordImportError.Reason.list(names))): say which column is yours with"
                    + "  accord records import --person NAME",
                chinese: "文件包含 \(names.count) 个人的基因型"
                    + "（\(RecordImportError.Reason.list(names))）：请用"
                    + "  accord records import --person 名称  指明哪一列是您的")
        case .noSuchPerson(let name):
            .init(
                english: "it has no person or sample called \"\(name)\"",
                chinese: "文件中没有名为“\(name)”的人或样本")
        default: .init(english: "not VCF", chinese: "不是 VCF")
        }
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(4).map { PlainText.line($0, limit: 24) }.joined(separator: ", ")
        return names.count > 4 ? shown + ", …" : shown
    }

    private static func name(_ byte: UInt8) -> String {
        switch byte {
        case 0x0a, 0x0d: "end of line"
        case 0x21...0x7e: "\"\(Character(Unicode.Scalar(byte)))\""
        default: "byte \(byte)"
        }
    }
}
