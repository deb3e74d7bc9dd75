import ClientStore
import Foundation
import LedgerCore
import SyncCore

/// The store with a long catalogue: search as one types, paging, and the same at ten times the
/// length.
enum CatalogueFigures {
    private static let lengths = [10_000, 100_000]
    /// Rows of a page, as a tall screen asks for them.
    private static let pageRows = 180

    /// What a person types: Latin and Chinese, common and rare, finished words and begun ones.
    private static let searches = [
        "blood pressure", "sleep in twins", "registry 47", "thyroid night drivers",
        "睡眠", "罕见代谢病 登记", "孕期员工 血压", "肠道微生物 双胞胎",
    ]

    /// What a person filters by, from one word to several.
    private static let filters: [[ProjectFacet]] = [
        [.open], [.kind(.genomic)], [.programme(.staffPlan), .kind(.wearable)],
        [.open, .programme(.crossOmics), .kind(.microbiome), .earns(Points(500))], [.fits],
    ]

    static func measure(in scratch: ScratchFolder) async throws -> [Figure] {
        var figures = [Figure]()
        for length in lengths {
            let home = try await HomeFixture.prepared(in: scratch, projects: length)
            figures += try measure(home.path, length)
        }
        return figures
    }

    private static func measure(_ path: String, _ length: Int) throws -> [Figure] {
        let store = try ClientStore(directory: "\(path)/data", clock: { BenchWorld.now() })
        let name = "catalogue of \(Report.short(Double(length)))"
        var first = PairedRounds()
        for order in ProjectOrder.allCases {
            // The floor: one page in an order that was read before.
            var query = ProjectQuery()
            first.values.append(try page(store, query, order, offset: 0))
            query.order = order
            first.floors.append(try page(store, query, order, offset: 0))
        }
        var letters = [Double]()
        for search in searches {
            for end in 1...search.count {
                var query = ProjectQuery()
                query.search = String(search.prefix(end))
                letters.append(try page(store, query, .reward, offset: 0))
            }
        }
        var filtered = [Double]()
        for facets in filters {
            filtered.append(try page(store, ProjectQuery(facets: facets), .reward, offset: 0))
            for search in searches {
                for end in 1...search.count {
                    let query = ProjectQuery(search: String(search.prefix(end)), facets: facets)
                    filtered.append(try page(store, query, .reward, offset: 0))
                }
            }
        }
        var sheets = [Double]()
        for facets in filters {
            let query = ProjectQuery(facets: facets)
            sheets.append(try Stopwatch.seconds { _ = try store.facets(query) } * 1000)
        }
        var pages = [Double]()
        for step in 0..<100 {
            pages.append(
                try page(store, ProjectQuery(), .reward, offset: step * 7_919 % length))
        }
        return [
            Figure("\(name): first page in an order", first, "ms", floor: "again"),
            Figure("\(name): page anywhere, p95", pages.percentile(0.95), "ms")
                .wanting(atMost: 5),
            Figure("\(name): search letter, p50", letters.median, "ms"),
            Figure("\(name): search letter, p95", letters.percentile(0.95), "ms")
                .wanting(atMost: 50),
            Figure("\(name): search letter, worst", letters.max() ?? 0, "ms"),
            Figure("\(name): filtered and letter, p95", filtered.percentile(0.95), "ms")
                .wanting(atMost: 50),
            Figure("\(name): filtered and letter, worst", filtered.max() ?? 0, "ms"),
            Figure("\(name): counts of the filter sheet, p50", sheets.median, "ms"),
        ]
    }

    private static func page(
        _ store: ClientStore, _ query: ProjectQuery, _ order: ProjectOrder, offset: Int
    ) throws -> Double {
        var query = query
        query.order = order
        return try Stopwatch.seconds {
            _ = try store.projects(query, offset: offset, limit: pageRows)
        } * 1000
    }
}
