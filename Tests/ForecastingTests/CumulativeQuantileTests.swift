import Forecasting
import Testing
import TimeSeries

/// Quantiles of sums over a lead time.
@Suite struct CumulativeQuantileTests {
    private static let horizon = 12
    private static let length = 72

    /// 300 series whose deviations from 100 follow a first-order autoregression.
    private func values(correlation: Double, seed: UInt64) -> [[Double]] {
        var generator = SplitMix(seed: seed)
        return (0..<300).map { _ in
            var deviation = 0.0
            return (0..<(CumulativeQuantileTests.length + CumulativeQuantileTests.horizon)).map { _ in
                deviation = correlation * deviation + generator.normal()
                return 100 + deviation
            }
        }
    }

    /// The share of sums over the whole horizon inside the central 80 % and 95 % intervals, and inside the 80 % interval
    /// that adds the steps' distances from their means in quadrature, as if steps were independent.
    private func coverage(_ values: [[Double]]) async throws -> (inside80: Double, inside95: Double, root: Double) {
        let horizon = CumulativeQuantileTests.horizon
        let length = CumulativeQuantileTests.length
        let start = Bucket(frequency: .monthly, containing: CivilDate(year: 2010, month: 1, day: 1))
        let engine = try ForecastEngine(
            configuration: ForecastConfiguration(
                frequency: .monthly, season: 1, horizon: horizon, quantileLevels: [0.025, 0.1, 0.9, 0.975],
                cumulative: true, threads: 2))
        let forecasts = try await engine.forecast(
            values.indices.map {
                DemandSeries(key: SeriesKey(item: "\($0)"), start: start, values: Array(values[$0][0..<length]))
            })
        var result = (inside80: 0.0, inside95: 0.0, root: 0.0)
        let share = 1 / Double(values.count)
        for (forecast, actual) in zip(forecasts, values) {
            let sum = actual[length...].reduce(0, +)
            func quantile(_ level: Double) -> Double {
                forecast.cumulativeQuantile(step: horizon, level: level) ?? .nan
            }
            if quantile(0.1) <= sum && sum <= quantile(0.9) { result.inside80 += share }
            if quantile(0.025) <= sum && sum <= quantile(0.975) { result.inside95 += share }
            let mean = forecast.mean.reduce(0, +)
            func distance(_ level: Double) -> Double {
                let squares = (1...horizon).reduce(0.0) { total, step in
                    let distance = (forecast.quantile(step: step, level: level) ?? .nan) - forecast.mean[step - 1]
                    return total + distance * distance
                }
                return squares.squareRoot()
            }
            if mean - distance(0.1) <= sum && sum <= mean + distance(0.9) { result.root += share }
        }
        return result
    }

    /// Of 300 sums, the share inside has a standard error of 2.3 % at 80 % and 1.3 % at 95 %; three of those are allowed.
    @Test(arguments: [(0.0, 3), (0.9, 4)]) func sumsAreCovered(correlation: Double, seed: UInt64) async throws {
        let covered = try await coverage(values(correlation: correlation, seed: seed))
        #expect(covered.inside80 > 0.73 && covered.inside80 < 0.88, "\(covered)")
        #expect(covered.inside95 > 0.91, "\(covered)")
        // Where deviations last, the sum of twelve is far less certain than twelve independent ones.
        if correlation > 0.5 { #expect(covered.root < 0.6, "\(covered)") }
    }

    @Test func sumsAreOnlyMadeWhenAskedFor() throws {
        let start = Bucket(frequency: .monthly, containing: CivilDate(year: 2010, month: 1, day: 1))
        let one = DemandSeries(
            key: SeriesKey(item: "one"), start: start, values: (0..<50).map { Double($0 % 12 + $0 % 5) })
        var configuration = ForecastConfiguration(frequency: .monthly, horizon: 6)
        let without = try ForecastEngine(configuration: configuration).forecast(one: one)
        #expect(without.cumulativeQuantiles == nil)
        #expect(without.cumulativeQuantile(step: 1, level: 0.5) == nil)
        configuration.cumulative = true
        let with = try ForecastEngine(configuration: configuration).forecast(one: one)
        #expect(with.cumulativeQuantiles?.count == 6 * configuration.quantileLevels.count)
        #expect(with.cumulativeQuantile(step: 6, level: 0.5) != nil)
        #expect(with.cumulativeQuantile(step: 7, level: 0.5) == nil)
        #expect(with.cumulativeQuantile(step: 6, level: 0.51) == nil)
        #expect(with.mean == without.mean)
        #expect(with.quantiles == without.quantiles)
    }
}
