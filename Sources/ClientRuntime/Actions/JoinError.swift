package import SyncCore
import SyncEngine

/// Why joining failed.
package enum JoinError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What was typed is no code.
    case notACode
    /// The node does not know the code, or it was used or ran out.
    case codeRefused
    /// The node does not know the code it claims to: somebody answers in its place.
    case nodeNotAuthentic
    /// The policy of witnesses is for another ledger: nothing was joined.
    case policyElsewhere
    /// A rule refuses the enrolment.
    case refused(String)
    /// The node did not answer.
    case notReachable(NodeFailure)
    /// Nothing could be stored.
    case notStored(String)

    init(_ failure: EnrolmentFailure) {
        switch failure {
        case .invitationRefused: self = .codeRefused
        case .nodeNotGenuine: self = .nodeNotAuthentic
        case .policyElsewhere: self = .policyElsewhere
        case .refused(_, let name): self = .refused(name)
        case .node(let failure): self = .notReachable(failure)
        case .store(let reason): self = .notStored(reason)
        }
    }

    /// Whether nothing was joined for certain: it was refused, or not even sent.
    var isRefusal: Bool {
        switch self {
        case .notACode, .codeRefused, .policyElsewhere, .refused: true
        case .nodeNotAuthentic, .notReachable, .notStored: false
        }
    }

    /// What to tell the person.
    package var description: String {
        switch self {
        case .notACode: "that is no invitation code: it has 13 letters and digits"
        case .codeRefused: "the node does not accept the code: it was used, or is too old"
        case .nodeNotAuthentic: "the node could not prove that it made the code: nothing was joined"
        case .policyElsewhere: "the policy of witnesses is for another ledger: nothing was joined"
        case .refused(let why): "the node refused the enrolment: \(why)"
        case .notReachable(let failure): "could not join: \(failure.english)"
        case .notStored(let why): "could not join: \(why)"
        }
    }
}
