import Forecasting
import Testing
import TimeSeries

/// What the ridge models learn from the calendar and from each other.
@Suite struct RidgeCalendarTests {
    /// Demand that doubles two working days before a feast of three days whose date moves, and stops during it: a fourth
    /// feast is foreseen, in a month without any nothing is.
    @Test func aFeastThatMovesIsForeseen() throws {
        let start = CivilDate(year: 2024, month: 1, day: 1)
        var random = SplitMix(seed: 11)
        let feasts = [
            CivilDate(year: 2024, month: 2, day: 9), CivilDate(year: 2024, month: 9, day: 16),
            CivilDate(year: 2025, month: 1, day: 28), CivilDate(year: 2025, month: 10, day: 6),
        ]
        let holidays = feasts.flatMap { feast in
            (0..<3).map { Holiday(date: CivilDate(daysSinceEpoch: feast.daysSinceEpoch + $0), name: "feast") }
        }
        let days = Set(holidays.map(\.date.daysSinceEpoch))
        let values = (0..<637).map { index -> Double in
            let day = start.daysSinceEpoch + index
            if days.contains(day) { return 0 }
            let ahead = (1...4).first { days.contains(day + $0) }
            return (ahead == nil ? 100 : 200) * (1 + 0.02 * random.normal())
        }
        let series = DemandSeries(
            key: SeriesKey(item: "gift"), start: Bucket(frequency: .daily, containing: start), values: values)
        let horizon = 14
        func mean(_ holidays: [Holiday]) throws -> [Double] {
            let configuration = ForecastConfiguration(
                frequency: .daily, horizon: horizon, quantileLevels: [], model: .ridge, holidays: holidays)
            return try ForecastEngine(configuration: configuration).forecast(one: series).mean
        }
        // The history ends on 2025-09-28, a Sunday; the feast is from step 9 on.
        let known = try mean(holidays)
        let unknown = try mean(Array(holidays.prefix(9)))
        let first = feasts[3].daysSinceEpoch - start.daysSinceEpoch - values.count
        for step in first..<(first + 3) {
            #expect(known[step] < 40)
            #expect(unknown[step] > 70)
        }
        // The last working day before it.
        #expect(known[first - 3] > 140)
        #expect(known[1] < 140)
    }

    /// The same coefficients for every thread count and chunk, gaps included.
    @Test func theGlobalModelDoesNotDependOnThreads() async throws {
        var random = SplitMix(seed: 5)
        let series = (0..<300).map { index in
            let count = 30 + index % 40
            var values = (0..<count).map { 50 + 10 * Double($0 % 12) + 5 * random.normal() }
            if index.isMultiple(of: 3) { values[count / 2] = .nan }
            return DemandSeries(
                key: SeriesKey(item: "item \(index)"), start: Bucket(frequency: .monthly, ordinal: 24_000),
                values: values)
        }
        func means(_ threads: Int) async throws -> [[Double]] {
            let configuration = ForecastConfiguration(
                frequency: .monthly, horizon: 6, quantileLevels: [], model: .ridgeGlobal, threads: threads)
            return try await ForecastEngine(configuration: configuration).forecast(series).map(\.mean)
        }
        let one = try await means(1)
        #expect(one.allSatisfy { $0.allSatisfy { $0 > 20 && $0 < 250 } })
        #expect(try await means(4) == one)
    }
}
