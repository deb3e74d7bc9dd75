import Foundation
import LedgerCore
import TestSupport
import Testing

private struct InclusionVector: Decodable {
    let leafIdx: UInt64
    let treeSize: UInt64
    let root: String?
    let leafHash: String?
    let proof: [String]?
    let desc: String
    let wantErr: Bool
}

private struct ConsistencyVector: Decodable {
    let size1: UInt64
    let size2: UInt64
    let root1: String?
    let root2: String?
    let proof: [String]?
    let desc: String
    let wantErr: Bool
}

private struct Reference: Decodable {
    let leafInputs: [String]
    let roots: [String]

    enum CodingKeys: String, CodingKey {
        case leafInputs = "leaf_inputs_hex"
        case roots = "root_hex_by_size"
    }
}

/// Some hashes of the vectors are not 32 bytes: a proof with such cannot even be made.
private func hash(_ base64: String?) -> Hash? {
    Base64.standard.decode(base64 ?? "").flatMap { Hash(bytes: $0) }
}

private func hashes(_ base64: [String]?) -> [Hash]? {
    let hashes = (base64 ?? []).compactMap(hash)
    return hashes.count == (base64 ?? []).count ? hashes : nil
}

private func files(_ folder: String) throws -> [[UInt8]] {
    try SharedData.files(in: folder).flatMap { subfolder in
        let path = "\(folder)/\(subfolder.lastPathComponent)"
        return try SharedData.files(in: path, suffix: ".json").map {
            try SharedData.bytes("\(path)/\($0.lastPathComponent)")
        }
    }
}

@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.comment)"))
struct MerkleVectorTests {
    @Test func `the inclusion vectors of transparency-dev are decided as they say`() throws {
        let vectors = try files("vectors/tlog/merkle/inclusion").map {
            try JSONDecoder().decode(InclusionVector.self, from: Data($0))
        }
        #expect(vectors.count > 40)
        for vector in vectors {
            var isValid = false
            if let index = Int(exactly: vector.leafIdx), let size = Int(exactly: vector.treeSize),
                let leaf = hash(vector.leafHash), let root = hash(vector.root),
                let hashes = hashes(vector.proof)
            {
                let proof = InclusionProof(leafIndex: index, treeSize: size, hashes: hashes)
                isValid = (try? proof.verify(leafHash: leaf, root: root)) != nil
            }
            #expect(isValid == !vector.wantErr, "\(vector.desc)")
        }
    }

    @Test func `the consistency vectors of transparency-dev are decided as they say`() throws {
        let vectors = try files("vectors/tlog/merkle/consistency").map {
            try JSONDecoder().decode(ConsistencyVector.self, from: Data($0))
        }
        #expect(vectors.count > 40)
        for vector in vectors {
            var isValid = false
            if let old = Int(exactly: vector.size1), let new = Int(exactly: vector.size2),
                let oldRoot = hash(vector.root1), let newRoot = hash(vector.root2),
                let hashes = hashes(vector.proof)
            {
                let proof = ConsistencyProof(oldSize: old, newSize: new, hashes: hashes)
                isValid = (try? proof.verify(oldRoot: oldRoot, newRoot: newRoot)) != nil
            }
            #expect(isValid == !vector.wantErr, "\(vector.desc)")
        }
    }

    @Test func `the reference roots of RFC 6962 are reproduced`() throws {
        let bytes = try SharedData.bytes("vectors/tlog/rfc6962_reference.json")
        let reference = try JSONDecoder().decode(Reference.self, from: Data(bytes))
        var log = MerkleLog()
        #expect(log.root.hex == reference.roots.first)
        for (index, leaf) in reference.leafInputs.enumerated() {
            log.append(leafData: try #require(Hex.decode(leaf)))
            #expect(log.root.hex == reference.roots[index + 1])
        }
    }
}
