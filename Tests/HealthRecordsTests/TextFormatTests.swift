import Foundation
import HealthRecords
import LedgerCore
import TestSupport
import Testing

/// Genomes and tables, from small files written for these tests.
@Suite struct TextFormatTests {
    // MARK: VCF

    private let header = """
        ##fileformat=VCFv4.2
        ##source=/home/CANARY/pipeline
        ##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
        """

    @Test func `a genome of one person gives a row for each variant`() throws {
        let table = try Records.table(
            header + """

                #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tCANARY-7
                1\t10583\trs58108140\tG\tA\t100\tPASS\tDP=3\tGT:DP\t0/1:3
                X\t155\t.\tAT\tA,*\t.\t.\t.\tGT\t1|2

                """)
        #expect(table.format == .variants)
        #expect(table.rows.map(\.what) == ["rs58108140 · 1:10583", "X:155"])
        #expect(table.rows.map(\.value) == ["G>A · G/A", "AT>A,* · A|*"])
        #expect(table.rows.allSatisfy { $0.kind == .genomic && $0.milliseconds == nil })
        #expect(table.outlines.first?.groups == ["1", "X"])
        #expect(!table.leavingText.contains("CANARY"))
        let again = try Records.table(table.leaving)
        #expect(again.rows == table.rows && again.skipped.total == 0)
    }

    @Test func `a genome of several people is refused until the person says who they are`() throws {
        let file =
            header + """

                #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tann\tCANARY
                1\t5\t.\tG\tA\t1\t.\t.\tGT\t0/0\t1/1

                """
        let error = #expect(throws: RecordImportError.self) { try Records.table(file) }
        #expect(error?.reason == .severalPeople(["ann", "CANARY"]))
        #expect(error?.place == .line(4))
        #expect(throws: RecordImportError.self) { try Records.table(file, person: "bob") }
        let mine = try Records.table(file, person: "ann")
        #expect(mine.rows.map(\.value) == ["G>A · G/G"])
        #expect(mine.leavingText.hasSuffix("\tGT\t0/0\n"))
        #expect(!mine.leavingText.contains("1/1"))
    }

    @Test(arguments: [
        ("1\t5\t.\tG\tA\t1\t.", SkipReason.columnCount), ("1\tx\t.\tG\tA\t1\t.\t.", .badPosition),
        ("1\t5\t.\tG1\tA\t1\t.\t.", .badBases), ("1\t5\t.\tG\tA!\t1\t.\t.", .badBases),
        ("1\t5\t.\tG\tA\tfine\t.\t.", .badQuality), ("\t5\t.\tG\tA\t1\t.\t.", .badChromosome),
    ])
    func `a variant that is none is left out with its line`(line: String, reason: SkipReason) throws
    {
        let names = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
        let table = try Records.table(
            "##fileformat=VCFv4.3\n\(names)\n\(line)\n1\t9\t.\tG\tT\t.\t.\t.\n")
        #expect(table.rows.count == 1)
        #expect(table.skipped.listed == [SkippedParts.Part(place: .line(3), reason: reason)])
    }

    @Test(arguments: [
        ("##fileformat=VCFv9.9\n", 1), ("##fileformat=VCFv4.2\n1\t5\n", 2),
        ("##fileformat=VCFv4.2\n#CHROM\tPOS\n", 2), ("##fileformat=VCFv4.2\n", 1),
    ])
    func `a header that is none is refused with its line`(file: String, line: Int) throws {
        let error = #expect(throws: RecordImportError.self) { try Records.table(file) }
        #expect(error?.place == .line(line))
    }

    // MARK: Genotypes

    @Test(arguments: [
        "# 23andMe, file of CANARY\n# rsid\tchromosome\tposition\tgenotype\nrs1\t1\t101\tAG\n",
        "#AncestryDNA CANARY\r\nrsid\tchromosome\tposition\tallele1\tallele2\r\nrs1\t1\t101\tA\tG\r\n",
        "# MyHeritage CANARY\nRSID,CHROMOSOME,POSITION,RESULT\n\"rs1\",\"1\",\"101\",\"AG\"\n",
        "RSID,CHROMOSOME,POSITION,RESULT\n\"rs1\",\"1\",\"101\",\"AG\"",
        "# MARKERNAME\tCHROM\tPOS\tGT\nrs1\tchr1\t101\tA/G\n", "rs1\t1\t101\tAG\n",
        "[Header]\nName\tCANARY\n[Data]\nSample Name\tSNP Name\tChr\tPosition\tAllele1 - Plus\t"
            + "Allele2 - Plus\nCANARY\trs1\t1\t101\tA\tG\n",
    ])
    func `every consumer test gives the same row and the same line that leaves`(file: String) throws
    {
        let table = try Records.table(file)
        #expect(table.format == .genotypes)
        #expect(table.rows.map(\.what) == ["rs1 · 1:101"])
        #expect(table.rows.map(\.value) == ["AG"])
        #expect(
            table.leavingText.hasSuffix("# rsid\tchromosome\tposition\tgenotype\nrs1\t1\t101\tAG\n")
        )
        #expect(!table.leavingText.contains("CANARY"))
        #expect(try Records.table(table.leaving).rows == table.rows)
    }

    @Test func `a call that is missing is kept and a marker without a place is left out`() throws {
        let table = try Records.table(
            "rsid,chromosome,position,genotype\nrs1,1,5,--\nrs2,--,6,AA\nrs3,X,y,AA\nrs4,MT,7,Q\n")
        #expect(table.rows.map(\.value) == ["--"])
        #expect(
            table.skipped.listed.map(\.reason) == [.badChromosome, .badPosition, .badGenotype])
    }

    // MARK: Tables

    @Test func `a Fitbit file with mixed dates gives the rows of one person`() throws {
        let table = try Records.table(
            """
            Id,ActivityDate,TotalSteps,TotalDistance,Calories,\r
            77,04-12-16,13162,8.5,1985,\r
            77,4/13/2016,10735,6.97,1797,\r
            88,4/13/2016,1,1,1,\r
            77,someday,1,1,1,\r

            """)
        #expect(table.format == .table)
        #expect(table.rows.map(\.what) == ["Activity", "Activity"])
        #expect(
            table.rows.first?.value
                == "total steps 13162; total distance 8.5; calories 1985 kcal")
        #expect(table.rows.map(\.milliseconds) == [1_460_419_200_000, 1_460_505_600_000])
        #expect(table.skipped.listed.map(\.reason) == [.otherPerson, .badDate])
        #expect(!table.leavingText.contains("77"))
        #expect(try Records.table(table.leaving).rows == table.rows)
    }

    @Test func `days stand first where one of them is past twelve`() throws {
        let table = try Records.table("Date,Steps\n03/04/2020,5\n25/04/2020,6\n")
        #expect(table.rows.map(\.milliseconds) == [1_585_872_000_000, 1_587_772_800_000])
    }

    @Test func `a Dexcom file tells who it is about only in rows that are struck`() throws {
        let table = try Records.table(
            """
            \u{feff}Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,\
            Device Info,Source Device ID,Glucose Value (mg/dL)
            1,,FirstName,,CANARY,,,
            2,,Device,,,G6 App,CANARY-phone,
            3,2016-10-24T11:24:17,EGV,,,,CANARY-phone,103

            """)
        #expect(table.rows.map(\.identifies) == [true, false])
        #expect(table.rows.map(\.value) == ["CANARY", "103 mg/dL"])
        #expect(table.rows.last?.what == "Glucose")
        #expect(table.skipped.listed == [.init(place: .line(3), reason: .aboutDevice)])
        #expect(!table.leavingText.contains("CANARY"))
        #expect(table.removed[.identifier] == 2)
    }

    @Test(arguments: ["1,,FirstName,,Wei,,,", "1,,FirstName,,Wei,,,,", #"1,,FirstName,,Wei,,,,"""#])
    func `a line about the person can leave with a delimiter behind the last column`(
        line: String
    ) throws {
        let columns =
            "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,"
            + "Device Info,Source Device ID,Glucose Value (mg/dL)\n"
        let bytes = Array((columns + line + "\n").utf8)
        var reader = RecordFileReader(name: "g6.csv", options: RecordReadOptions())
        try bytes.withUnsafeBytes { try reader.append($0) }
        try reader.finish()
        let collector = reader.collector
        let page = try #require(collector.takeAllPages().first?.page)
        #expect(page.count == 1 && page.flags(at: 0).contains(.identifies))
        var removed: [RemovedPart: Int] = [:]
        let leaving = collector.frame.cleaned(page.unit(at: 0), aliases: nil, removed: &removed)
        #expect(String(decoding: leaving, as: UTF8.self) == ",FirstName,,\n")
    }

    @Test func `Fitbit's own export with a section for each subject is one table`() throws {
        let table = try Records.table(
            """
            Body
            Date,Weight,BMI,Fat
            "2016-05-01","52.6","22.6","0"

            Activities
            Date,Calories Burned,Steps
            "2016-05-01","1,985","13,162"

            """)
        #expect(table.rows.map(\.what) == ["Body", "Activities"])
        #expect(
            table.rows.map(\.value) == [
                "weight 52.6; BMI 22.6", "calories burned 1,985 kcal; steps 13,162",
            ])
        #expect(try Records.table(table.leaving).rows == table.rows)
    }

    @Test func `sections without a table are passed over, however many there are`() throws {
        var text = "Body\nDate,Weight,BMI,Fat\n\"2016-05-01\",\"52.6\",\"22.6\",\"0\"\n\n"
        for day in 100...160 {
            text += "Food Log 20160\(day)\nDaily Totals\n\"\",\"Calories\",\"0\"\n\n"
        }
        text += "Activities\nDate,Steps\n\"2016-05-01\",\"13,162\"\n"
        let table = try Records.table(text)
        #expect(table.rows.map(\.what) == ["Body", "Activities"])
    }

    @Test(arguments: [
        ("gene_id\tTPM\nENSG1\t5.2\n", RecordKind.transcriptomic),
        ("UniProt,Assay,NPX\nP1,IL6,3.1\n", .proteomic),
        ("Metabolite;Concentration (uM)\nGlucose;5\n", .metabolomic),
        ("clade_name\trelative_abundance\nk__Bacteria\t99.1\n", .microbiome),
    ])
    func `lists of molecules are of their own kind`(file: String, kind: RecordKind) throws {
        let table = try Records.table(file)
        #expect(table.rows.map(\.kind) == [kind])
        #expect(try Records.table(table.leaving).rows == table.rows)
    }

    @Test(arguments: [
        (#"6"-O-Malonylgenistin,P-00417,0.41"#, #"6"-O-Malonylgenistin,0.41"#),
        (#""Glucose"P-00417,P-00417,0.41"#, #""Glucose",0.41"#),
        (#""Glucose","P-00417"P-00417,"0.41" P-00417"#, #""Glucose","0.41""#),
        (#""a ""b"", c","P-00417, ""P""",0.41"#, #""a ""b"", c",0.41"#),
        (#"Glucose,P-00417,0.41,"#, "Glucose,0.41"), (#"Glucose,P-00417,0.41,"""#, "Glucose,0.41"),
    ])
    func `a private column stays at home whatever quotation marks stand in the line`(
        line: String, leaving: String
    ) throws {
        for delimiter in [",", "\t", ";"] {
            func written(_ text: String) -> String { text.replacing(",", with: delimiter) }
            let table = try Records.table(
                written("Metabolite,Sample,Concentration\n\(line)\n"))
            #expect(table.rows.map(\.value) == ["0.41"] && table.skipped.total == 0)
            #expect(table.leavingText == written("Metabolite,Concentration\n\(leaving)\n"))
            #expect(table.removed == [.identifier: 1])
        }
    }

    @Test(arguments: ["Glucose,0.41\n", "Glucose,P-00417,0.41,1\n", "\"Glucose,P-00417,0.41\n"])
    func `a line with another number of fields does not leave`(line: String) {
        let frame = ContentFrame(
            format: .table, head: Array("Metabolite,Concentration\n".utf8),
            homeHead: Array("Metabolite,Sample,Concentration\n".utf8), privateColumns: [1])
        var removed: [RemovedPart: Int] = [:]
        let line = Array(line.utf8)
        #expect(frame.cleaned(line[...], aliases: nil, removed: &removed).isEmpty)
    }

    @Test(arguments: [
        "a,b\n1,2\n", "first,last,address\nJohn,Doe,here\n", "hello", "a;b;c\n", "\u{0}\u{1}",
        "date,name\n2020-01-01,me\n",
    ])
    func `what is no health record is refused`(file: String) throws {
        let error = #expect(throws: RecordImportError.self) { try Records.table(file) }
        #expect([.unknownFormat, .unknownTable].contains(error?.reason))
    }

    // MARK: Any length

    @Test func `pieces of any length give the same rows`() throws {
        let lines = (0..<400).map { "rs\($0)\t\($0 % 22 + 1)\t\($0 * 7)\tAG" }
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
        let whole = try Records.table(bytes)
        #expect(whole.rows.count == 400)
        for pieceBytes in [1, 7, 4_096] {
            #expect(try Records.table(bytes, pieceBytes: pieceBytes).rows == whole.rows)
        }
    }

    @Test func `a line without end is refused and not gathered for ever`() throws {
        let bytes = Array("rs1\t1\t1\tAA\n".utf8) + [UInt8](repeating: 0x41, count: 17 << 20)
        let error = #expect(throws: RecordImportError.self) { try Records.table(bytes) }
        #expect(error?.reason == .lineTooLong(limitBytes: 16 << 20))
    }
}
