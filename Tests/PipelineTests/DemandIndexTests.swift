import Monitoring
import Pipeline
import Testing
import TimeSeries

@Suite struct DemandIndexTests {
    private static let last = Bucket(frequency: .daily, ordinal: 103)

    /// A series that ends on the last bucket.
    private struct Part {
        var key: SeriesKey
        var category: String?
        var observations: [Observation]
    }

    private func part(
        _ item: String, _ observations: [Observation], site: String? = nil, category: String? = nil
    ) -> Part {
        Part(key: SeriesKey(item: item, site: site), category: category, observations: observations)
    }

    private func index(_ parts: [Part], weighedThrough: Int = 103) -> [TotalKey: DemandIndex.Total] {
        let last = DemandIndexTests.last
        var index = DemandIndex(
            through: last, weighedThrough: Bucket(frequency: .daily, ordinal: weighedThrough))
        for part in parts {
            index.add(
                part.key, category: part.category, start: last.advanced(by: 1 - part.observations.count),
                part.observations)
        }
        return Dictionary(uniqueKeysWithValues: index.totals.map { ($0.key, $0.total) })
    }

    @Test func itemsThatComeAreNoGrowth() throws {
        let totals = index([
            part("a", [.known(8), .known(8), .known(12), .known(12)], site: "ICN"),
            part("b", [.known(20), .known(20)], site: "ICN"),
            part("c", [.known(20), .known(20), .known(20), .known(20)], site: "ICN"),
        ])
        // One site and no category: the company is all there is.
        #expect(Array(totals.keys) == [TotalKey(level: .company)])
        let company = try #require(totals.values.first)
        // Usual are 10, 20 and 20.
        #expect(company.start.ordinal == 100)
        #expect(company.usual == [30, 30, 50, 50])
        let before = Observation.known(2800.0 / 30)
        #expect(company.observations == [before, before, .known(104), .known(104)])
    }

    @Test func whatIsUsualIsThatOfTheReference() throws {
        let totals = index(
            [
                part("a", [.known(10), .known(10), .known(20), .known(20)]),
                part("b", [.known(30), .known(30), .known(60), .known(60)]),
                // What begins later is weighed by all there is.
                part("c", [.known(40)]),
            ], weighedThrough: 101)
        let company = try #require(totals.values.first)
        #expect(company.observations == [.known(100), .known(100), .known(200), .known(150)])
    }

    @Test func sitesAndCategoriesStandForThemselvesWhereThereAreSeveral() {
        let parts = [
            part("a", [.known(1)], site: "ICN", category: "tea"), part("b", [.known(1)], site: "ICN", category: "tea"),
            part("c", [.known(1)], site: "PUS", category: "tea"), part("d", [.known(1)], site: "PUS"),
        ]
        // One series alone is no total.
        #expect(
            Set(index(parts).keys) == [
                TotalKey(level: .company), TotalKey(level: .site, site: "ICN"), TotalKey(level: .site, site: "PUS"),
                TotalKey(level: .category, category: "tea"),
                TotalKey(level: .siteCategory, site: "ICN", category: "tea"),
            ])
    }

    @Test func whatIsNotKnownIsNoDemandMissed() throws {
        let totals = index([
            part("a", [.known(30), .known(30), .known(30), .known(30)]),
            part("b", [.known(10), .masked, .missing, .known(10)]),
            // Nothing was ever demanded of it.
            part("c", [.known(0), .known(0), .known(0), .known(0)]),
        ])
        #expect(totals.values.first?.observations == [.known(100), .known(100), .known(100), .known(100)])
    }

    @Test func whereLessThanHalfIsKnownTheIndexIsNot() throws {
        let totals = index([
            part("a", [.missing, .known(10), .masked, .missing, .known(10)]),
            part("b", [.known(9), .known(9), .known(9), .known(9), .known(9)]),
        ])
        let company = try #require(totals.values.first)
        // Before the first bucket in which enough is known there is none.
        #expect(company.start.ordinal == 100)
        #expect(company.observations == [.known(100), .masked, .missing, .known(100)])
        let forecast = Prediction(mean: 38, lower: 19, upper: 57)
        #expect(
            company.prediction(forecast, of: DemandIndexTests.last) == Prediction(mean: 200, lower: 100, upper: 300))
        #expect(company.prediction(forecast, of: DemandIndexTests.last.advanced(by: 1)) == nil)
    }
}
