import Monitoring
import Pipeline
import Testing
import TimeSeries

/// What changed from one version to another.
@Suite struct VersionComparisonTests {
    private func side(
        _ error: Double, model: String = "theta", hash: String = "a", alpha: Double = 0.1, actual: Double = 100
    ) -> VersionPair.Side {
        VersionPair.Side(
            model: model, contentHash: hash, parameters: ["alpha": alpha], absoluteActual: actual, absoluteError: error,
            demandClass: "smooth")
    }

    @Test func whatChangedIsCounted() {
        let comparison = VersionComparison([
            VersionPair(key: SeriesKey(item: "same"), before: side(10), after: side(10)),
            VersionPair(key: SeriesKey(item: "model"), before: side(10), after: side(5, model: "ridge")),
            VersionPair(key: SeriesKey(item: "parameters"), before: side(10), after: side(12, hash: "b", alpha: 0.2)),
            VersionPair(key: SeriesKey(item: "new"), before: nil, after: side(1)),
            VersionPair(key: SeriesKey(item: "gone"), before: side(1), after: nil),
            VersionPair(key: SeriesKey(item: "short"), before: side(0, actual: 0), after: side(3)),
        ])
        #expect(comparison.common == 4)
        #expect(comparison.added == 1)
        #expect(comparison.removed == 1)
        #expect(comparison.sameData == 3)
        #expect(comparison.otherModel == 1)
        #expect(comparison.otherParameters == 1)
        #expect(comparison.better.map(\.key.item) == ["model"])
        #expect(comparison.worse.map(\.key.item) == ["parameters"])
        #expect(comparison.comparisons.count == 1)
        #expect(comparison.comparisons[0].series == 3)
        #expect(abs(comparison.comparisons[0].difference - (27.0 / 30 - 1)) < 1e-12)
    }

    @Test func moreDemandAloneIsNoWorseForecast() throws {
        let comparison = VersionComparison([
            VersionPair(key: SeriesKey(item: "x"), before: side(10), after: side(20, hash: "b", actual: 200))
        ])
        #expect(try #require(comparison.comparisons.first).difference == 0)
        #expect(comparison.better.isEmpty && comparison.worse.isEmpty)
    }

    @Test func aSegmentThatGotWorseComesFirstWithItsBounds() throws {
        let pairs = (0..<100).map { (index: Int) -> VersionPair in
            let error = Double(10 + index % 3)
            let isFirst = index < 50
            return VersionPair(
                key: SeriesKey(item: "item \(index)", site: isFirst ? "PUS" : "ICN"), before: side(error),
                after: side(error * (isFirst ? 1.2 : 0.9)))
        }
        let comparison = VersionComparison(pairs)
        #expect(comparison.comparisons.count > 1)
        let first = comparison.comparisons[1]
        #expect(first.name.hasSuffix("PUS"))
        #expect(abs(first.difference - 0.2) < 1e-9)
        #expect(first.lower > 0.19 && first.upper < 0.21)
        #expect(VersionComparison([]).comparisons.isEmpty)
    }
}
