import LedgerCore
import Testing

@testable import StudyImport

struct DemoCatalogueTests {
    private let now = Timestamp(milliseconds: 1_795_305_600_000)

    private func projects(recipients count: Int = 3) throws -> [ProjectTerms] {
        DemoCatalogue.projects(recipients: try accounts(count), now: now)
    }

    @Test func `the catalogue spans every programme and every kind of data`() throws {
        let projects = try projects()
        #expect(projects.count >= 26)
        for programme in Programme.allCases {
            #expect(projects.filter { $0.programme == programme }.count >= 5, "\(programme)")
        }
        #expect(Set(projects.flatMap(\.requiredKinds)) == Set(RecordKind.allCases))
        #expect(Set(projects.map(\.project)).count == projects.count)
        #expect(projects.filter { $0.requiredKinds == [.clinical] }.count >= 5)
    }

    @Test func `a third of the catalogue is in both languages and one project in Chinese alone`()
        throws
    {
        let projects = try projects()
        let both = projects.filter {
            !$0.title.english.isEmpty && !$0.title.chinese.isEmpty && !$0.why.english.isEmpty
                && !$0.why.chinese.isEmpty
        }
        #expect(both.count * 3 >= projects.count)
        #expect(projects.filter { $0.title.english.isEmpty && !$0.why.chinese.isEmpty }.count == 1)
        for project in projects {
            #expect(project.title.english.isEmpty == project.why.english.isEmpty)
            #expect(project.title.chinese.isEmpty == project.why.chinese.isEmpty)
            #expect(!project.why.english.contains("\n"))
            #expect(!project.why.chinese.contains { $0 == "\n" || $0 == " " })
        }
    }

    @Test func `every project is an entry that reads back the same`() throws {
        for project in try projects() {
            #expect(try ProjectTerms(json: project.json) == project)
            #expect(try entryBytes(project) <= EntryLimits.payloadBytes)
        }
    }

    @Test func `a newcomer can spend what one project pays`() throws {
        let rewards = DemoCatalogue.rewards
        #expect(Set(rewards.map(\.reward)).count == rewards.count)
        #expect(rewards.contains { $0.price <= Points(320) && $0.isInstant })
        #expect(rewards.contains { !$0.isInstant })
        for reward in rewards {
            #expect(!reward.title.english.isEmpty && !reward.title.chinese.isEmpty)
            #expect(reward.units > 0 && reward.price > .zero)
        }
    }

    @Test func `uses, seats and waiting times vary`() throws {
        let projects = try projects()
        #expect(Set(projects.flatMap(\.purposes)).count == 7)
        #expect(Set(projects.flatMap(\.limits)).count >= 15)
        #expect(Set(projects.map(\.seats)).isSuperset(of: [0, 1, 3, 20, 50]))
        let express = projects.filter { $0.reward.qualityWindowMilliseconds == 10_000 }
        #expect(express.count == 3)
        for project in express {
            #expect(project.why.english.contains("express project"))
            #expect(project.why.chinese.contains("快速项目"))
        }
        #expect(
            projects.filter { $0.reward.qualityWindowMilliseconds == 604_800_000 }.count
                == projects.count - 3)
    }

    @Test func `the best paid project is the gut and sleep study and needs no clinical records`()
        throws
    {
        let ranked = try projects().sorted { $0.offer > $1.offer }
        let first = try #require(ranked.first)
        #expect(first.title.english == "Gut microbiome and sleep in shift workers")
        #expect(first.offer == Points(1_200))
        #expect(first.offer > ranked[1].offer)
        #expect(first.requiredKinds == [.wearable])
        #expect(first.kinds.contains(KindRequest(.clinical, isRequired: false)))
    }

    @Test func `what is promised can be earned and times follow the opening`() throws {
        for project in try projects() {
            #expect(project.reward.memberCap == project.offer)
            #expect(project.collectionFrom == Timestamp(milliseconds: 0))
            #expect(project.collectionUntil > project.useUntil)
            let years = (project.useUntil.milliseconds - now.milliseconds) / (365 * 86_400_000)
            #expect((1...3).contains(years))
            #expect(
                project.eraseAt == project.useUntil.adding(milliseconds: 90 * 86_400_000))
        }
    }

    @Test func `each institution publishes, and one account can stand for all`() throws {
        let projects = try projects()
        let sponsors = projects.map { DemoCatalogue.sponsor(of: $0.project) }
        #expect(Set(sponsors) == [0, 1, 2])
        #expect(DemoCatalogue.institutions.count == 3)
        #expect(
            DemoCatalogue.institutions.allSatisfy { !$0.english.isEmpty && !$0.chinese.isEmpty })
        let accounts = try accounts(3)
        for (project, sponsor) in zip(projects, sponsors) {
            #expect(project.recipients.contains(accounts[try #require(sponsor)]))
        }
        #expect(try self.projects(recipients: 1).allSatisfy { $0.recipients.count == 1 })
        let other = try #require(ProjectID("NCT04973462"))
        #expect(DemoCatalogue.sponsor(of: other) == nil)
    }
}
