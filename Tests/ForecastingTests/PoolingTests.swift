import Forecasting
import Testing
import TimeSeries

/// What series of a batch tell each other, and what they must not.
@Suite struct PoolingTests {
    private let start = Bucket(frequency: .monthly, containing: CivilDate(year: 2012, month: 1, day: 1))

    /// Series of several classes and lengths.
    private func batch(_ count: Int) -> [DemandSeries] {
        var generator = SplitMix(seed: 99)
        return (0..<count).map { number in
            let slow = number % 3 == 0
            return DemandSeries(
                key: SeriesKey(item: "item \(number)"), start: start,
                values: (0..<(20 + number % 60)).map { time in
                    if slow && generator.uniform() < 0.6 { return 0 }
                    return 20 + 5 * Double(time % 12) + 10 * generator.uniform()
                })
        }
    }

    private func engine(threads: Int) throws -> ForecastEngine {
        try ForecastEngine(
            configuration: ForecastConfiguration(frequency: .monthly, horizon: 6, cumulative: true, threads: threads))
    }

    @Test func threadsDoNotChangeAByte() async throws {
        let series = batch(900)
        let one = try await engine(threads: 1).forecast(series)
        let three = try await engine(threads: 3).forecast(series)
        #expect(one == three)
    }

    @Test func aSeriesAloneIsABatchOfOne() async throws {
        let engine = try engine(threads: 1)
        for series in batch(7) {
            let batch = try await engine.forecast([series])
            #expect(try engine.forecast(one: series) == batch[0])
        }
    }

    /// Whatever comes after a fold's origin, the forecasts of that fold stay the same.
    @Test func aFoldDoesNotKnowTheFuture() async throws {
        let engine = try engine(threads: 2)
        let series = batch(60).filter { $0.values.count >= 50 }
        let changed = series.map { one in
            var values = one.values
            for index in (values.count - 6)..<values.count { values[index] = 500 }
            return DemandSeries(key: one.key, start: one.start, values: values)
        }
        let before = try await engine.backtest(series, models: [.auto])
        let after = try await engine.backtest(changed, models: [.auto])
        for index in series.indices {
            let origins = before[index][0].points.map(\.origin)
            #expect(origins.count > 6)
            #expect(before[index][0].points.map(\.mean) == after[index][0].points.map(\.mean))
            #expect(before[index][0].points.suffix(6).map(\.actual) != after[index][0].points.suffix(6).map(\.actual))
        }
    }
}
