import LedgerCore

/// Published logs and keys that several tests use.
///
/// Their private keys are published too.
enum LogVectors {
    /// The example of C2SP signed-note.
    static let exampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    static let exampleNote =
        "This is an example message.\n\n— example.com/foo "
        + "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72"
        + "IneyaQM=\n"

    /// The test log of transparency-dev/tessera.
    static let tesseraOrigin = "example.com/log/testdata"
    static let tesseraKey =
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    static let tesseraEntries = [
        "one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven",
        "twelf", "threeten", "fourten", "fivten",
    ]
    static let tesseraCheckpoint15 =
        "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n"
        + "— example.com/log/testdata M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt"
        + "/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n"

    static let tesseraLog: MerkleLog = {
        var log = MerkleLog()
        for entry in tesseraEntries { log.append(leafData: Array(entry.utf8)) }
        return log
    }()

    static func hash(_ base64: String) -> Hash? {
        Base64.standard.decode(base64).flatMap { Hash(bytes: $0) }
    }

    /// The private key of the test log: base64 of the type byte and the seed.
    static let tesseraSeedBytes = Base64.standard.decode(
        "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
    ).map { Array($0.dropFirst()) }
}
