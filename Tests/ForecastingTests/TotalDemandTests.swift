import Forecasting
import Testing
import TimeSeries

/// How sure a total is: its parts' own errors cancel out, and what they share does not.
@Suite struct TotalDemandTests {
    private static let horizon = 14
    private static let parts = 30
    private static let length = 400

    private let configuration = ForecastConfiguration(
        frequency: .daily, season: 7, horizon: TotalDemandTests.horizon, quantileLevels: [0.05, 0.1, 0.5, 0.9, 0.95])

    /// Parts around levels of their own with noise of their own, and as much of a walk that all share as asked for.
    private static func company(_ generator: inout SplitMix, shared: Double) -> [[Double]] {
        var common = 0.0
        let walk = (0..<(length + horizon)).map { _ -> Double in
            common += shared * generator.normal()
            return common
        }
        return (0..<parts).map { _ in
            let level = 50 + 100 * generator.uniform()
            return (0..<(length + horizon)).map { time in
                max(0, level * (1 + walk[time]) * (1 + 0.3 * generator.normal()))
            }
        }
    }

    /// The share of the total's buckets, and of its sums over the horizon, within the 80 % interval, and the interval's width.
    private func coverage(shared: Double) async throws -> (steps: Double, sums: Double, width: Double) {
        let engine = try ForecastEngine(configuration: configuration)
        var generator = SplitMix(seed: 11)
        var (within, points, sums, width) = (0.0, 0.0, 0.0, 0.0)
        let companies = 40
        for _ in 0..<companies {
            let all = TotalDemandTests.company(&generator, shared: shared)
            let past = all.enumerated().map { number, values in
                DemandSeries(
                    key: SeriesKey(item: "\(number)"), start: Bucket(frequency: .daily, ordinal: 20_000),
                    values: Array(values.prefix(TotalDemandTests.length)))
            }
            let forecasts = try await engine.forecast(past)
            var total = TotalDemand(configuration: configuration)
            for (part, forecast) in zip(past, forecasts) { total.add(part, forecast) }
            #expect(total.series == TotalDemandTests.parts)
            let (single, cumulated) = (total.quantiles(), total.cumulativeQuantiles())
            var sum = 0.0
            for step in 0..<TotalDemandTests.horizon {
                let actual = all.reduce(0) { $0 + $1[TotalDemandTests.length + step] }
                sum += actual
                if single[5 * step + 1] <= actual, actual <= single[5 * step + 3] { within += 1 }
                width += (single[5 * step + 3] - single[5 * step + 1]) / total.mean[step]
                points += 1
            }
            let last = 5 * (TotalDemandTests.horizon - 1)
            if cumulated[last + 1] <= sum, sum <= cumulated[last + 3] { sums += 1 }
        }
        return (within / points, sums / Double(companies), width / points)
    }

    @Test func isHonestWhereErrorsAreSharedAndWhereTheyAreNot() async throws {
        let apart = try await coverage(shared: 0)
        let together = try await coverage(shared: 0.02)
        // 40 companies' sums and 560 buckets, which go together: within a few standard errors of 80 %.
        for (what, share) in [("buckets", apart.steps), ("shared buckets", together.steps)] {
            #expect(share > 0.70 && share < 0.95, "\(what): \(share)")
        }
        #expect(apart.sums > 0.6, "sums: \(apart.sums)")
        #expect(together.sums > 0.6, "shared sums: \(together.sums)")
        // Thirty parts with noise of 30 % each make a total with 5 %: ±1.28 of it, and no ±30 %.
        #expect(apart.width > 0.09 && apart.width < 0.25, "\(apart.width)")
        #expect(together.width > 1.3 * apart.width, "\(together.width)")
    }

    @Test func strangePartsDoNoHarm() async throws {
        let engine = try ForecastEngine(configuration: configuration)
        let values: [[Double]] = [
            [], [.nan], [0], [1e300, 1e300], [Double](repeating: .nan, count: 50),
            [Double](repeating: 1e308, count: 60),
            (0..<100).map { $0 % 3 == 0 ? .nan : Double($0) },
        ]
        let series = values.enumerated().map { number, values in
            DemandSeries(
                key: SeriesKey(item: "\(number)"), start: Bucket(frequency: .daily, ordinal: 20_000 - values.count),
                values: values)
        }
        let forecasts = try await engine.forecast(series)
        var total = TotalDemand(configuration: configuration)
        #expect(total.quantiles().allSatisfy { $0 == 0 })
        for (part, forecast) in zip(series, forecasts) {
            total.add(part, forecast)
            let numbers = total.quantiles() + total.cumulativeQuantiles()
            #expect(numbers.count == 2 * 5 * TotalDemandTests.horizon)
            #expect(numbers.allSatisfy { $0.isFinite && $0 >= 0 }, "\(part.key)")
        }
    }
}
