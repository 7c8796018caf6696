import Foundation
import Pipeline
import Testing
import TimeSeries

/// From dated demand to buckets: where zeros stand, what is missing, and where a series begins and ends.
@Suite struct SeriesBuilderTests {
    private static let monday = CivilDate(year: 2026, month: 3, day: 2)

    private func day(_ offset: Int) -> CivilDate {
        CivilDate(daysSinceEpoch: SeriesBuilderTests.monday.daysSinceEpoch + offset)
    }

    /// Demand by days after the first Monday of March 2026.
    private func history(
        _ demand: [Int: Double], stock: [Int: Double] = [:], introduced: Int? = nil, opened: Int? = nil,
        discontinued: Int? = nil
    ) -> DemandHistory {
        DemandHistory(
            key: SeriesKey(item: "A", site: "ICN"), instants: demand.keys.sorted().map { day($0).daysSinceEpoch },
            quantities: demand.keys.sorted().map { demand[$0] ?? 0 }, introduced: introduced.map(day),
            opened: opened.map(day), discontinued: discontinued.map(day),
            stockDays: stock.keys.sorted().map { day($0).daysSinceEpoch },
            stock: stock.keys.sorted().map { stock[$0] ?? 0 })
    }

    private func build(
        _ history: DemandHistory, _ frequency: Frequency = .daily, through: Int, limit: Int? = nil
    ) -> BuiltSeries? {
        SeriesBuilder(frequency: frequency, dataThrough: day(through), historyLimit: limit).build(history)
    }

    @Test func zerosRunToTheCutOffAndNotToTheLastSale() throws {
        let built = try #require(build(history([2: 5, 4: 1]), through: 7))
        #expect(built.series.start == Bucket(frequency: .daily, containing: day(2)))
        #expect(built.series.values == [5, 0, 1, 0, 0, 0])
    }

    @Test func zerosRunFromTheIntroductionButNotFromBeforeTheSiteOpened() throws {
        #expect(try #require(build(history([3: 5], introduced: 1), through: 4)).series.values == [0, 0, 5, 0])
        #expect(
            try #require(build(history([3: 5], introduced: -900, opened: 2), through: 4)).series.values == [0, 5, 0])
        // Demand from before the day it is said to be introduced is demand all the same.
        #expect(try #require(build(history([1: 5], introduced: 3), through: 3)).series.values == [5, 0, 0])
    }

    @Test func aDayWithoutStockIsMissingUnlessItWasOrderedAllTheSame() throws {
        let built = try #require(
            build(history([0: 5, 3: 2], stock: [0: 9, 1: 0, 2: 4, 3: 0]), through: 4))
        #expect(built.raw == [5, 0, 0, 2, 0])
        #expect(built.series.values.map(\.isNaN) == [false, true, false, false, false])
        #expect(built.reasonLetters == ".S...")
    }

    @Test func aWeekMostlyWithoutStockIsMissing() throws {
        // In stock on two of seven counted days of the first week, on five of the second.
        var stock: [Int: Double] = [:]
        for offset in 0..<14 { stock[offset] = [0, 1, 7, 8, 9, 10, 11].contains(offset) ? 3 : 0 }
        let built = try #require(build(history([0: 4, 8: 6, 15: 1], stock: stock), .weekly, through: 20))
        #expect(built.raw == [4, 6, 1])
        #expect(built.series.values.map(\.isNaN) == [true, false, false])
    }

    @Test func aLastBucketThatIsNotOverIsLeftOut() throws {
        #expect(try #require(build(history([0: 4, 8: 6]), .weekly, through: 13)).raw == [4, 6])
        #expect(try #require(build(history([0: 4, 8: 6]), .weekly, through: 12)).raw == [4])
        #expect(build(history([0: 4]), .weekly, through: 5) == nil)
        #expect(try #require(build(history([0: 4, 20: 6]), .monthly, through: 29)).raw == [10])
        #expect(build(history([0: 4, 20: 6]), .monthly, through: 28) == nil)
    }

    @Test func whatCanNoLongerBeOrderedHasNoSeries() {
        #expect(build(history([0: 4], discontinued: 3), through: 3) == nil)
        #expect(build(history([0: 4], discontinued: 4), through: 3) != nil)
    }

    @Test func onlyTheLatestBucketsAreKept() throws {
        let built = try #require(build(history([0: 1, 8: 2, 9: 3]), through: 9, limit: 3))
        #expect(built.series.values == [0, 2, 3])
        #expect(built.series.start == Bucket(frequency: .daily, containing: day(7)))
    }

    @Test func hoursAreBucketsOfTheirOwn() throws {
        let first = SeriesBuilderTests.monday.daysSinceEpoch * 24 + 22
        let history = DemandHistory(
            key: SeriesKey(item: "A"), instants: [first, first + 3], quantities: [2, 7])
        let built = try #require(build(history, .hourly, through: 1))
        #expect(built.series.values.count == 26)
        #expect(built.series.values[0] == 2 && built.series.values[3] == 7)
        #expect(built.series.start.description == "2026-03-02 22:00:00")
    }

    @Test func demandAfterTheCutOffIsNoHistory() throws {
        #expect(try #require(build(history([0: 1, 5: 9]), through: 2)).series.values == [1, 0, 0])
        #expect(build(history([5: 9]), through: 2) == nil)
    }

    @Test func theContentHashDiffersExactlyWhereTheDataDoes() throws {
        let one = try #require(build(history([0: 1, 2: 3]), through: 4))
        #expect(try #require(build(history([0: 1, 2: 3]), through: 4)).contentHash == one.contentHash)
        let others = [
            build(history([0: 1, 2: 4]), through: 4), build(history([0: 1, 2: 3]), through: 5),
            build(history([1: 1, 3: 3]), through: 5), build(history([0: 1, 2: 3], stock: [4: 0]), through: 4),
        ]
        for other in others { #expect(try #require(other).contentHash != one.contentHash) }
    }
}

@Suite struct PortfolioSpecificationTests {
    private func read(_ json: String) throws -> PortfolioSpecification {
        try JSONDecoder().decode(PortfolioSpecification.self, from: Data(json.utf8))
    }

    @Test func everythingHasADefault() throws {
        let specification = try read("{}")
        #expect(specification == PortfolioSpecification(frequency: .daily, horizon: 28))
        #expect(try read(#"{"frequency":"weekly"}"#).season == 52)
    }

    @Test(arguments: [
        #"{"horizon":0}"#, #"{"season":169}"#, #"{"origins":0}"#, #"{"scope":{"top":0}}"#, #"{"history_limit":0}"#,
    ])
    func aValueOutOfRangeIsRefused(json: String) {
        #expect(throws: PipelineError.self) { try read(json) }
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var specification = PortfolioSpecification(frequency: .monthly, horizon: 6)
        specification.scope.items = ["A", "B"]
        specification.holidayCalendar = "KR"
        let json = String(decoding: try JSONEncoder().encode(specification), as: UTF8.self)
        #expect(try read(json) == specification)
    }
}
