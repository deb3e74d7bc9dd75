import Foundation
import LedgerCore
import Testing

/// Files that people write or bring, with mistakes in them, told in both languages.
struct DefectTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func run(_ arguments: [String], _ locale: String) throws -> Programs.Result {
        try Programs.run(
            "accord", arguments,
            environment: ["ACCORD_HOME": scratch.file("home").path, "LANG": locale])
    }

    /// The lines a command printed, with the folder of the files taken out.
    private func lines(_ text: String) -> [String] {
        text.replacing(scratch.url.path + "/", with: "").split(separator: "\n").map(String.init)
    }

    // MARK: Themes

    /// The themes there are, and the one that is checked.
    private static let names =
        "catppuccin-mocha, colour-blind-dark, colour-blind-light, dark, gruvbox, high-contrast, light, monochrome, nord, t"

    private func theme() throws -> String {
        try scratch.write(
            """
            inherits = "drak"
            "txet" = "#ffffff"
            "link" = { fg = "skye", modifers = [] }
            "key" = { modifiers = ["blod"] }
            "text.muted" = 1
            "selection" = { modifiers = "bold" }
            [palette]
            sky = "#88ccff"
            sea = "wet"
            """, to: "t.toml")
    }

    @Test func `every mistake of a theme is told in English`() throws {
        let checked = try run(["themes", "check", try theme()], "en_US.UTF-8")
        #expect(checked.status == 1 && checked.errors.isEmpty)
        #expect(
            lines(checked.text) == [
                "t.toml:1: no such theme; did you mean \"dark\"?; there are \(Self.names)",
                "t.toml:2: unknown style role \"txet\"; did you mean \"text\"?",
                "t.toml:3: unknown part \"modifers\"; did you mean \"modifiers\"?",
                "t.toml:4: unknown modifier \"blod\"; did you mean \"bold\"?",
                "t.toml:5: has to be a colour or { fg, bg, modifiers }",
                "t.toml:6: modifiers has to be a list",
                "t.toml:9: \"sea\" has to be #RRGGBB, #RGB or an ANSI name",
                "t.toml:3: unknown colour \"skye\"; did you mean \"sky\"?",
            ])
    }

    @Test func `every mistake of a theme is told in Chinese`() throws {
        let checked = try run(["themes", "check", try theme()], "zh_CN.UTF-8")
        #expect(checked.status == 1 && checked.errors.isEmpty)
        #expect(
            lines(checked.text) == [
                "t.toml:1: 没有该主题；是否想写“dark”？；现有主题：\(Self.names)",
                "t.toml:2: 没有名为“txet”的样式；是否想写“text”？",
                "t.toml:3: 样式中没有名为“modifers”的部分；是否想写“modifiers”？",
                "t.toml:4: 没有名为“blod”的修饰；是否想写“bold”？",
                "t.toml:5: 应为颜色或 { fg, bg, modifiers }",
                "t.toml:6: “modifiers”的值应为列表",
                "t.toml:9: “sea”的值应为 #RRGGBB、#RGB 或 ANSI 颜色名",
                "t.toml:3: 没有名为“skye”的颜色；是否想写“sky”？",
            ])
        // Scripts read the same words everywhere.
        let file = try theme()
        let english = try run(["themes", "check", file, "--json"], "en_US.UTF-8")
        let chinese = try run(["themes", "check", file, "--json"], "zh_CN.UTF-8")
        #expect(english.output == chinese.output && english.text.contains("did you mean"))
    }

    @Test func `a theme that is faint, circular, odd or missing is told in both languages`() throws
    {
        let faint = try scratch.write(
            "\"text\" = { fg = \"#ffffff\", bg = \"#000000\" }\n\"link\" = \"#444444\"\n",
            to: "faint.toml")
        let circle = try scratch.write("inherits = \"circle\"\n", to: "circle.toml")
        let parent = try scratch.write("inherits = 1\n", to: "parent.toml")
        let palette = try scratch.write("palette = 1\n", to: "palette.toml")
        let files = [faint, circle, parent, palette, scratch.file("none.toml").path]
        let english = try run(["themes", "check"] + files, "en_US.UTF-8")
        #expect(english.status == 2)
        #expect(
            lines(english.text) == [
                "faint.toml:2: link has a contrast of 2.1:1, less than 4.5:1",
                "circle.toml: themes inherit in a circle",
                "parent.toml:1: \"inherits\" has to be the name of a theme",
                "palette.toml:1: \"palette\" has to be a table",
                "none.toml: could not read theme",
            ])
        let chinese = try run(["themes", "check"] + files, "zh_CN.UTF-8")
        #expect(chinese.status == 2)
        #expect(
            lines(chinese.text) == [
                "faint.toml:2: link 的对比度为 2.1:1，低于 4.5:1", "circle.toml: 主题之间循环继承",
                "parent.toml:1: “inherits”的值应为主题的名称", "palette.toml:1: “palette”应为表",
                "none.toml: 无法读取主题",
            ])
    }

    @Test func `a theme asked for that is not there is told in both languages`() throws {
        let memory = URL(filePath: "/dev/shm/accord-defects-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: memory) }
        let arguments = [
            "kiosk", "--node", "http://127.0.0.1:1", "--memory", memory.path, "--theme", "drak",
        ]
        let english = try run(arguments, "en_US.UTF-8")
        #expect(english.status == 2)
        #expect(
            english.errors.hasPrefix(
                "accord: drak: no such theme; did you mean \"dark\"?; there are "))
        let chinese = try run(arguments, "zh_CN.UTF-8")
        #expect(chinese.status == 2)
        #expect(chinese.errors.hasPrefix("accord: drak: 没有该主题；是否想写“dark”？；现有主题："))
    }

    // MARK: Studies

    /// Files of registries, each with another mistake.
    private func studies() throws -> [String] {
        let head = "trialid,public_title\n"
        let files: [(String, String)] = [
            ("01-empty.json", "[]"), ("02-json.json", "{\"a\": }"),
            ("03-xml.xml", "<clinical_study>\n<a></b>\n</clinical_study>"),
            ("04-entity.xml", "<!DOCTYPE a []><clinical_study/>"),
            ("05-root.xml", "<library/>"), ("06-quote.csv", head + "\"NCT1,Sleep"),
            ("07-after.csv", head + "\"NCT1\"x,Sleep"), ("08-columns.csv", head + "NCT1"),
            ("09-table.csv", "name,age\nWei,30"),
            ("10-patient.json", "{\"resourceType\": \"Patient\"}"),
            ("11-list.json", "[1]"), ("12-object.json", "{}"),
            ("13-keys.json", "{\"b\": 1, \"a\": 2}"),
            ("14-sets.json", "{\"cohort_name\": \"x\"}"), ("15-number.csv", head + ",Sleep"),
            ("16-title.csv", head + "NCT1,"),
            ("17-twice.csv", head + "NCT1,Sleep\nNCT2,Night\nNCT1,Sleep"),
            ("18-deep.json", String(repeating: "[", count: 70) + String(repeating: "]", count: 70)),
        ]
        var paths = try files.map { try scratch.write($1, to: $0) }
        let binary = scratch.file("19-binary.json")
        try Data([0x7b, 0xff, 0x7d]).write(to: binary)
        paths.append(binary.path)
        return paths
    }

    @Test func `why studies of a registry are not taken is told in English`() throws {
        let read = try run(["study", "import", "--dry-run"] + studies(), "en_US.UTF-8")
        #expect(read.status == 0)
        #expect(
            lines(read.errors) == [
                "accord: 01-empty.json: there is no record in it",
                "accord: 02-json.json: not JSON: Invalid value around character 6.",
                "accord: 03-xml.xml: not XML: line 3, column 18",
                "accord: 04-entity.xml: declares a document type or entities, which are never read",
                "accord: 05-root.xml: not a study format known here: XML with the root library",
                "accord: 06-quote.csv, line 2: not CSV: a quote never ends",
                "accord: 07-after.csv, line 2: not CSV: text after a closing quote",
                "accord: 08-columns.csv, line 2: not CSV: 1 columns where the header has 2",
                "accord: 09-table.csv: not a study format known here: text with the columns name, age",
                "accord: 10-patient.json: not a study format known here: FHIR Patient, not ResearchStudy",
                "accord: 11-list.json, element 1: not a study format known here: JSON that is no object",
                "accord: 12-object.json: not a study format known here: an empty JSON object",
                "accord: 13-keys.json: not a study format known here: JSON with the keys \"a\", \"b\"",
                "accord: 14-sets.json: describes data sets, not a study",
                "accord: 15-number.csv, line 2: has no registry number",
                "accord: 16-title.csv, line 2: has no title",
                "accord: 17-twice.csv, line 4: the same study stands at line 2",
                "accord: 18-deep.json: nested deeper than 64 levels",
                "accord: 19-binary.json: not UTF-8 text",
            ])
    }

    @Test func `why studies of a registry are not taken is told in Chinese`() throws {
        let read = try run(["study", "import", "--dry-run"] + studies(), "zh_CN.UTF-8")
        #expect(read.status == 0)
        // What the parser of JSON found is in its own words.
        #expect(
            lines(read.errors) == [
                "accord: 01-empty.json：其中没有记录",
                "accord: 02-json.json：不是 JSON：Invalid value around character 6.",
                "accord: 03-xml.xml：不是 XML：第 3 行第 18 列",
                "accord: 04-entity.xml：声明了文档类型或实体，这类内容从不读取",
                "accord: 05-root.xml：不是可识别的研究格式：这是 XML，根元素为 library",
                "accord: 06-quote.csv，第 2 行：不是 CSV：引号没有结束",
                "accord: 07-after.csv，第 2 行：不是 CSV：结束引号之后还有文字",
                "accord: 08-columns.csv，第 2 行：不是 CSV：有 1 列，而表头有 2 列",
                "accord: 09-table.csv：不是可识别的研究格式：这是文本，列为 name, age",
                "accord: 10-patient.json：不是可识别的研究格式：这是 FHIR Patient，不是 ResearchStudy",
                "accord: 11-list.json，第 1 个元素：不是可识别的研究格式：这是 JSON，但不是对象",
                "accord: 12-object.json：不是可识别的研究格式：这是空的 JSON 对象",
                "accord: 13-keys.json：不是可识别的研究格式：这是 JSON，键为 \"a\", \"b\"",
                "accord: 14-sets.json：描述的是数据集，不是研究",
                "accord: 15-number.csv，第 2 行：没有登记号",
                "accord: 16-title.csv，第 2 行：没有标题",
                "accord: 17-twice.csv，第 4 行：同一研究已出现在第 2 行",
                "accord: 18-deep.json：嵌套超过 64 层",
                "accord: 19-binary.json：不是 UTF-8 文本",
            ])
    }

    // MARK: Policies

    @Test(arguments: [
        ("witness a b\n", "line 1: the key is refused: malformed", "第 1 行：密钥格式不正确"),
        ("\nquorum a\n", "line 2: a is not defined before", "第 2 行：此前没有定义 a"),
        ("# nobody\n", "there is no quorum", "没有 quorum"),
        (
            "group g 1\n", "line 1: a group has a name, how many it needs, and members",
            "第 1 行：group 后须有名称、所需数目和成员"
        ),
    ])
    func `what is wrong with a policy of witnesses is told in both languages`(
        text: String, english: String, chinese: String
    ) throws {
        let file = try scratch.write(text, to: "policy")
        let arguments = ["kiosk", "--node", "http://127.0.0.1:1", "--policy", file]
        let told = try run(arguments, "en_US.UTF-8")
        #expect(told.status == 2)
        #expect(lines(told.errors) == ["accord: policy: \(english)"])
        let inChinese = try run(arguments, "zh_CN.UTF-8")
        #expect(inChinese.status == 2)
        #expect(lines(inChinese.errors) == ["accord: policy：\(chinese)"])
    }
}
