/// What somebody may have meant who wrote something else.
enum Spelling {
    /// The one of `words` that is nearest to `word`; `nil` where none is near.
    ///
    /// Near is at most a third of the letters, and two: each letter put in, left out or replaced counts one, and so do two
    /// neighbours that have changed places (optimal string alignment).
    static func nearest(to word: String, in words: [String]) -> String? {
        let limit = min(2, max(1, word.count / 3))
        return words.map { (distance(word, $0), $0) }.filter { $0.0 <= limit }.min { $0.0 < $1.0 }?.1
    }

    private static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.lowercased()), Array(b.lowercased()))
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
