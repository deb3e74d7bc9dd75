/// Guesses what a misspelt word in a configuration file was meant to be.
enum Spelling {
    /// Returns the known word that takes the fewest letters to change, if they are few enough.
    static func nearest(_ word: String, in known: [String]) -> String? {
        let scored = known.map { (word: $0, changes: changes(from: word, to: $0)) }
        guard let best = scored.min(by: { ($0.changes, $0.word) < ($1.changes, $1.word) }),
            best.changes <= max(word.count / 3, 1)
        else { return nil }
        return best.word
    }

    /// The letters to insert, remove, replace or exchange with the next one (restricted
    /// Damerau–Levenshtein distance).
    private static func changes(from first: String, to second: String) -> Int {
        let (left, right) = (Array(first.lowercased()), Array(second.lowercased()))
        var older: [Int] = []
        var former = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let cost = left[row] == right[column] ? 0 : 1
                var best = min(
                    former[column] + cost, former[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    best = min(best, older[column - 1] + 1)
                }
                current.append(best)
            }
            older = former
            former = current
        }
        return former.last ?? 0
    }
}
