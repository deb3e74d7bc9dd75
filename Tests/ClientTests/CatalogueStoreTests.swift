import ClientStore
import Foundation
import LedgerCore
import SyncCore
import SyncEngine
import Testing

/// Filters, orders and what fits, against the SQLite store.
@Suite struct CatalogueStoreTests {
    /// A catalogue that differs in everything one can filter by.
    private static func catalogue() throws -> FakeLedger {
        var ledger = try FakeLedger()
        let titles = [
            ("file 10", "中风"), ("File 9", "安全"), ("Émile", "北京"), ("zebra", ""), ("", "女性骨骼"),
            ("eagle", "旅行"),
        ]
        for (index, title) in titles.enumerated() {
            var terms = try TestTerms.make(
                "p\(index)", title: LocalizedText(english: title.0, chinese: title.1),
                recipient: ledger.sponsor.account, seats: Int64(index % 2),
                perContribution: Int64(index) * 150)
            terms.programme = Programme.allCases[index % 3]
            terms.kinds = [
                KindRequest(RecordKind.allCases[index % 4], isRequired: true),
                KindRequest(.wearable, isRequired: false),
            ].sorted { $0.kind < $1.kind }
            terms.useUntil = Timestamp(
                milliseconds: TestMember.now.milliseconds + Int64(4 - index) * 86_400_000 * 30)
            terms.eraseAt = terms.useUntil
            terms.criteria = try criteria(index)
            let entry = try ledger.sponsor.sign(.projectPublished(terms), origin: ledger.origin)
            try ledger.record(entry)
        }
        return ledger
    }

    private static func criteria(_ index: Int) throws -> EligibilityCriteria {
        let regions = ["CN", "CN-GD", "LV"].compactMap { Region($0) }
        return switch index {
        case 0: .none
        case 1: EligibilityCriteria(ageFrom: 18, ageUntil: 39)
        case 2: EligibilityCriteria(sex: .female)
        case 3: EligibilityCriteria(ageFrom: 40, regions: Array(regions.prefix(1)))
        case 4: EligibilityCriteria(programmes: [.staffPlan], regions: Array(regions.dropFirst()))
        default: EligibilityCriteria(ageUntil: 65, sex: .male, programmes: [.rareDisease])
        }
    }

    private static func synced() async throws -> TestMember {
        let member = try TestMember(catalogue())
        #expect(await member.engine.syncOnce() == .complete)
        return member
    }

    private static func found(_ query: ProjectQuery, _ member: TestMember) throws -> [String] {
        try member.store.projects(query, offset: 0, limit: 50).lines.map(\.id.text)
    }

    @Test(
        arguments: [
            ([.open], ["p3", "p2", "p1", "p0"]), ([.unlimited], ["p4", "p2", "p0"]),
            ([.programme(.staffPlan)], ["p3", "p0"]),
            ([.programme(.staffPlan), .programme(.rareDisease)], ["p5", "p3", "p2", "p0"]),
            ([.kind(.genomic)], ["p4", "p0"]),
            ([.kind(.wearable)], ["p5", "p4", "p3", "p2", "p1", "p0"]),
            ([.earns(Points(900))], ["p5", "p4", "p3"]),
            ([.open, .kind(.genomic)], ["p0"]), ([.kind(.imaging)], []),
        ] as [([ProjectFacet], [String])])
    func `words of a group widen the list, those of others narrow it`(
        _ facets: [ProjectFacet], _ wanted: [String]
    ) async throws {
        let member = try await Self.synced()
        defer { member.remove() }
        #expect(try Self.found(ProjectQuery(facets: facets), member) == wanted)
    }

    @Test(arguments: ["", "file", "研"])
    func `a count is the number of projects its word leaves`(_ search: String) async throws {
        let member = try await Self.synced()
        defer { member.remove() }
        for facets in [[], [ProjectFacet.open], [.kind(.wearable), .programme(.staffPlan)]] {
            let query = ProjectQuery(search: search, facets: facets)
            for count in try member.store.facets(query) {
                let others = facets.filter { $0.group != count.facet.group }
                let alone = ProjectQuery(search: search, facets: others + [count.facet])
                #expect(try Self.found(alone, member).count == count.count, "\(count.facet)")
            }
        }
    }

    @Test func `titles stand in the order of the language, the next to end stands first`()
        async throws
    {
        let member = try await Self.synced()
        defer { member.remove() }
        #expect(
            try Self.found(ProjectQuery(order: .title), member)
                == ["p5", "p2", "p1", "p0", "p3", "p4"])
        // ān, běi, lǚ, nǚ, zhōng, and then Latin.
        #expect(
            try Self.found(ProjectQuery(order: .title, readsChinese: true), member)
                == ["p1", "p2", "p5", "p4", "p0", "p3"])
        #expect(
            try Self.found(ProjectQuery(order: .ending), member)
                == ["p3", "p2", "p1", "p0", "p4", "p5"])
    }

    @Test func `what fits is what the judge says, whoever asks`() async throws {
        let member = try await Self.synced()
        defer { member.remove() }
        let lines = try member.store.projects(ProjectQuery(), offset: 0, limit: 50).lines
        var fitted = 0
        for year in [nil, 1950, 1985, 2005] as [Int64?] {
            for sex in [nil, .female, .male] as [Sex?] {
                for region in [nil, "CN", "CN-GD", "LV", "DE"] as [String?] {
                    for programmes in [[], [.rareDisease], [.staffPlan]] as [[Programme]] {
                        let profile = OwnProfile(
                            bornYear: year, sex: sex, region: region.flatMap { Region($0) },
                            programmes: programmes,
                            kinds: year == 1985 ? RecordKind.allCases : [.genomic, .imaging])
                        try member.store.keep(profile)
                        let wanted = try lines.filter { line in
                            let detail = try member.store.project(line.id, at: TestMember.now)
                            return detail?.eligibility == .fits
                        }.map(\.id)
                        let page = try member.store.projects(
                            ProjectQuery(facets: [.fits]), offset: 0, limit: 50)
                        #expect(page.lines.map(\.id) == wanted, "\(profile)")
                        fitted += wanted.count
                    }
                }
            }
        }
        #expect(fitted > 100)
    }

    @Test func `kept filters outlive the program, one for each name`() async throws {
        let member = try await Self.synced()
        defer { member.remove() }
        let account = try #require(
            member.store.facets(ProjectQuery()).first { $0.facet.group == .institution }?.facet)
        let first = SavedFilter(
            name: "二", facets: [.open, .kind(.genomic), account, .earns(Points(500))],
            search: "gut", order: .ending)
        try member.store.keep(first)
        try member.store.keep(
            SavedFilter(name: "八", facets: [.unlimited], search: "", order: .reward))
        try member.store.keep(
            SavedFilter(name: "八", facets: [.fits], search: "", order: .title))
        let reopened = try ClientStore(directory: member.directory, clock: { TestMember.now })
        let kept = try reopened.savedFilters()
        #expect(kept.map(\.name) == ["八", "二"])
        #expect(kept.last == first)
        #expect(kept.first?.facets == [.fits])
        try reopened.deleteFilter(named: "八")
        #expect(try member.store.savedFilters() == [first])
    }

    @Test func `a store of the version before is filled in when it is opened`() async throws {
        let member = try await Self.synced()
        defer { member.remove() }
        let query = ProjectQuery(
            order: .title, facets: [.open, .kind(.wearable)], readsChinese: true)
        let before = try Self.found(query, member)
        let project = try #require(ProjectID("p1"))
        let places = try #require(try member.store.project(project, at: TestMember.now))
            .recipientPlaces
        try OlderFormat.take(member.directory, backTo: 4)
        let reopened = try ClientStore(directory: member.directory, clock: { TestMember.now })
        let after = try reopened.projects(query, offset: 0, limit: 50).lines.map(\.id.text)
        #expect(!before.isEmpty && after == before)
        let detail = try #require(try reopened.project(project, at: TestMember.now))
        #expect(!places.isEmpty && detail.recipientPlaces == places)
    }

    @Test func `every published version can be read, the newest first`() async throws {
        let member = try await Self.synced()
        defer { member.remove() }
        try member.node.change { node in
            var terms = try #require(
                node.ledger.state.projects.values.first {
                    $0.terms.project.text == "p1"
                }?.terms)
            terms.minor = 1
            terms.title = LocalizedText(english: "Renamed")
            let entry = try node.ledger.sponsor.sign(
                .projectAmended(ProjectAmended(terms: terms, graceMilliseconds: 0)),
                origin: node.ledger.origin)
            try node.ledger.record(entry)
        }
        #expect(await member.engine.syncOnce() == .complete)
        let project = try #require(ProjectID("p1"))
        let versions = try member.store.versions(of: project)
        #expect(versions.map(\.terms.minor) == [1, 0])
        #expect(versions.map(\.terms.title.english) == ["Renamed", "File 9"])
    }

    @Test func `what may be linked goes by its title, or by its name where it is not known`()
        async throws
    {
        let member = try await Self.synced()
        defer { member.remove() }
        let project = try #require(ProjectID("p1"))
        try member.node.change { node in
            var terms = try #require(node.ledger.state.projects[project]?.terms)
            terms.major = 2
            terms.links = ["elsewhere", "p0"].compactMap { ProjectID($0) }
            let entry = try node.ledger.sponsor.sign(
                .projectAmended(ProjectAmended(terms: terms, graceMilliseconds: 0)),
                origin: node.ledger.origin)
            try node.ledger.record(entry)
        }
        #expect(await member.engine.syncOnce() == .complete)
        let detail = try #require(try member.store.project(project, at: TestMember.now))
        let titles = [
            LocalizedText(english: "elsewhere"), LocalizedText(english: "file 10", chinese: "中风"),
        ]
        let links = zip(detail.terms.links, titles).map { LinkedProject($0, title: $1) }
        #expect(detail.links == links)
        #expect(try member.store.versions(of: project).map(\.links) == [links, []])
    }
}
