import Foundation
import SeriesFiles
import TabularText
import Testing
import TimeSeries

/// Series read a few at a time are those read all at once.
@Suite struct SeriesReaderTests {
    /// Series as text, so that missing values compare.
    private func described(_ series: [FileSeries]) -> [String] {
        series.map { "\($0.series.key.item) \($0.series.start) \($0.series.values) \($0.repeated)" }
    }

    private func limits(window: Int, series: Int, buckets: Int) -> SeriesReader.Limits {
        var limits = SeriesReader.Limits()
        limits.window = window
        limits.series = series
        limits.buckets = buckets
        return limits
    }

    private func batches(_ text: String, _ limits: SeriesReader.Limits) throws -> [[FileSeries]] {
        try TemporaryFile.with(text) { path in
            var reader = try SeriesReader(path: path, frequency: .daily, limits: limits)
            var batches: [[FileSeries]] = []
            while let batch = try reader.next() { batches.append(batch) }
            #expect(reader.tally.series == batches.reduce(0) { $0 + $1.count })
            return batches
        }
    }

    /// Series of random lengths with gaps, repeated days, missing values and bad rows, each on its own.
    private func series(_ seed: UInt64) -> [[String]] {
        var random = Seeded(seed)
        return (0..<Int.random(in: 1...40, using: &random)).map { number in
            var day = Int.random(in: 0..<300, using: &random)
            return (0..<Int.random(in: 1...12, using: &random)).map { _ in
                day += Int.random(in: 0...3, using: &random)
                let date = CivilDate(daysSinceEpoch: 20_000 + day)
                let value = ["1", "2.5", "", "x", "7"][Int.random(in: 0..<5, using: &random)]
                return "s\(number),\(date),\(value)\n"
            }
        }
    }

    @Test(arguments: UInt64(0)..<60) func batchesHoldTheSeriesOfTheWholeFile(seed: UInt64) throws {
        var random = Seeded(seed &+ 1000)
        let text = "unique_id,ds,y\n" + series(seed).joined().joined()
        let limits = limits(
            window: Int.random(in: 1...30, using: &random), series: Int.random(in: 1...5, using: &random),
            buckets: Int.random(in: 1...40, using: &random))
        let batches = try batches(text, limits)
        #expect(batches.allSatisfy { !$0.isEmpty && $0.count <= limits.series })
        let whole = try TemporaryFile.with(text) { try SeriesFile(path: $0, frequency: .daily) }
        #expect(described(batches.flatMap { $0 }) == described(whole.contents))
    }

    @Test(arguments: UInt64(0)..<20) func batchesAreCutTheSameWhateverTheOrderOfTheRows(seed: UInt64) throws {
        let groups = series(seed)
        // By day instead of by series: each series' first row stays before the first row of the next.
        let mixed = groups.compactMap(\.first) + groups.flatMap { $0.dropFirst() }.shuffled(with: seed)
        let limits = limits(window: 1_000_000, series: 3, buckets: 20)
        let first = try batches("unique_id,ds,y\n" + groups.joined().joined(), limits)
        let second = try batches("unique_id,ds,y\n" + mixed.joined(), limits)
        // A series whose first row is bad appears later; such files are left out.
        guard first.joined().map(\.series.key.item) == second.joined().map(\.series.key.item) else { return }
        #expect(first.map(\.count) == second.map(\.count))
    }

    @Test func rowsMixedAtTheStartAreReadToTheEnd() throws {
        let text = "unique_id,ds,y\na,2026-01-01,1\nb,2026-01-01,2\na,2026-01-02,3\nc,2026-01-01,4\nb,2026-01-02,5\n"
        let batches = try batches(text, limits(window: 3, series: 10, buckets: 100))
        #expect(batches.count == 1)
        #expect(batches[0].map(\.series.values) == [[1, 3], [2, 5], [4]])
    }

    @Test func aSeriesThatGoesOnAfterItWasHandedOverIsNamed() throws {
        let text = "unique_id,ds,y\na,2026-01-01,1\nb,2026-01-01,2\nc,2026-01-01,3\na,2026-01-02,4\n"
        let error = #expect(throws: SeriesFileError.self) {
            try batches(text, limits(window: 2, series: 1, buckets: 1))
        }
        guard case .scattered(_, let line, let id) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(line == 5)
        #expect(id == "a")
    }
}
