import LedgerCore
import Screens
import SyncCore
import TerminalCore
import TestSupport
import Testing

@Suite struct LinkTests {
    private static let address = "https://clinicaltrials.gov/study/NCT05"

    private func links(
        _ source: String, hosts: [String], columns: Int = 80, keys: String = "2 Enter"
    ) -> [Frame.Link] {
        var store = SampleReading.member
        store.details[0].terms.source = source
        var driver = ScreenDriver(store, columns: columns, rows: 60)
        let preferences = Preferences(linkHosts: hosts)
        driver.send(.configured(Configuration(preferences: preferences)))
        driver.press(keys)
        return driver.frame.links
    }

    @Test func `an address is a link only to a host that the configuration names`() {
        let source = "NCT05 " + Self.address
        #expect(links(source, hosts: []).isEmpty)
        #expect(links(source, hosts: ["example.org"]).isEmpty)
        #expect(links(source, hosts: ["gov", "trials.gov"]).isEmpty)
        let found = links(source, hosts: ["ClinicalTrials.gov"])
        #expect(found.map(\.address) == [Self.address])
        #expect(found.map(\.columns.count) == [Self.address.count])
    }

    @Test(arguments: [
        "https://clinicaltrials.gov@evil.example/", "https://clinicaltrials.gov.evil.example/",
        "https://evil.example/clinicaltrials.gov", "javascript:clinicaltrials.gov",
        "https://clinicaltrials.gov/\u{1B}]0;x", "https://clinicaltrials.gov/研究",
        "file://clinicaltrials.gov/etc/passwd", "https://clinicaltrials.gov:8443/",
        "https://clinicaltrials.gov\\@evil.example/",
    ])
    func `what only looks like an allowed address is text`(source: String) {
        #expect(links(source, hosts: ["clinicaltrials.gov", "evil"]).isEmpty)
    }

    @Test func `an address on two lines is one address, and a sheet above it hides it`() {
        let long = Self.address + "/" + String(repeating: "x", count: 60)
        let hosts = ["clinicaltrials.gov"]
        let found = links(long, hosts: hosts, columns: 80)
        #expect(found.count == 2)
        #expect(Set(found.map(\.address)) == [long])
        #expect(found.reduce(0) { $0 + $1.columns.count } == long.count)
        #expect(links(long, hosts: hosts, keys: "2 Enter ?").isEmpty)
    }
}
