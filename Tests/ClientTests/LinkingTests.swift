import ClientStore
import LedgerCore
import Screens
import SyncCore
import TestSupport
import Testing

@testable import ClientRuntime

/// With whose records others may be linked is chosen, and taken along.
@Suite struct LinkingTests {
    @Test func `a link that the project does not ask for is refused before anything is signed`()
        async throws
    {
        let family = try await Family()
        let session = try await family.member("wei")
        let actions = try session.actions()
        try actions.signUp(family.builder.project)
        let waiting = try session.store.undecided(limit: 9).count
        var draft = family.draft()
        draft.links = [try #require(ProjectID("elsewhere"))]
        #expect(throws: ActionRefusal(.beyondProject)) { try actions.grant(draft) }
        #expect(try session.store.undecided(limit: 9).count == waiting)
        try await family.end()
    }

    @Test func `a draft comes back from an export with its links, and without any as ever`() throws
    {
        let links = ["gut-2", "heart-7"].compactMap { ProjectID($0) }
        for chosen in [[], links] {
            let draft = ConsentDraft(
                project: links[0], terms: .zero, kinds: [.clinical], purposes: [.healthResearch],
                links: chosen, until: TestMember.now, step: 3, changedAt: TestMember.now)
            let words = KeptWords(profile: .nothing, filters: [], drafts: [draft])
            let document = KeptJSON(words).document
            #expect(KeptJSON(document.canonicalBytes + [0x0a])?.words == words)
            // Older programs wrote none, and read no other.
            let isSaid = document["drafts"]?.array?.first?["links"] != nil
            #expect(isSaid == !chosen.isEmpty)
        }
    }
}
