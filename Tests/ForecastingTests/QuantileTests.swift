import Forecasting
import Testing
import TimeSeries

/// Quantiles of single steps: how often they are right, and what they look like for slow and for weekly demand.
@Suite struct QuantileTests {
    private let start = Bucket(frequency: .monthly, containing: CivilDate(year: 2010, month: 1, day: 1))

    /// Series of `length` values from a recipe that is handed its own number and the time.
    private func batch(
        _ count: Int, length: Int, seed: UInt64, value: (inout SplitMix, inout Double, Int, Int) -> Double
    ) -> [[Double]] {
        var generator = SplitMix(seed: seed)
        return (0..<count).map { number in
            var level = 0.0
            return (0..<length).map { value(&generator, &level, number, $0) }
        }
    }

    private func series(_ values: [[Double]], before end: Int) -> [DemandSeries] {
        values.indices.map {
            DemandSeries(key: SeriesKey(item: "item \($0)"), start: start, values: Array(values[$0][0..<end]))
        }
    }

    /// 300 independent series of 8 steps: the share covered has a standard error under 1.5 % even where the steps of a
    /// series are all right or all wrong together (√(0.8 · 0.2 / 300) = 2.3 % at worst at 80 %); three of those are allowed.
    @Test func intervalsCoverAsOftenAsTheySay() async throws {
        let values = batch(300, length: 68, seed: 11) { generator, level, number, time in
            level += 0.3 * generator.normal()
            let season = 4 * Double((time + number) % 12) / 12
            return 100 + level + season + generator.normal()
        }
        let engine = try ForecastEngine(
            configuration: ForecastConfiguration(
                frequency: .monthly, horizon: 8, quantileLevels: [0.025, 0.1, 0.9, 0.975], threads: 2))
        let forecasts = try await engine.forecast(series(values, before: 60))
        var inside80 = 0.0
        var inside95 = 0.0
        for (forecast, actual) in zip(forecasts, values) {
            for step in 1...8 {
                func quantile(_ level: Double) -> Double { forecast.quantile(step: step, level: level) ?? .nan }
                let value = actual[59 + step]
                if quantile(0.1) <= value && value <= quantile(0.9) { inside80 += 1 / 2400 }
                if quantile(0.025) <= value && value <= quantile(0.975) { inside95 += 1 / 2400 }
            }
        }
        #expect(inside80 > 0.73 && inside80 < 0.87, "\(inside80)")
        #expect(inside95 > 0.91 && inside95 < 0.99, "\(inside95)")
    }

    /// Demand in one month of four, of 1 to 4 pieces.
    @Test func slowDemandHasQuantilesThatAreCounts() async throws {
        let values = batch(80, length: 60, seed: 5) { generator, _, _, _ in
            generator.uniform() < 0.25 ? 1 + (generator.uniform() * 4).rounded(.down) : 0
        }
        let engine = try ForecastEngine(configuration: ForecastConfiguration(frequency: .monthly, horizon: 3))
        let forecasts = try await engine.forecast(series(values, before: 60))
        for forecast in forecasts {
            #expect(forecast.demandClass.isSlow)
            #expect(forecast.quantiles.allSatisfy { $0 == $0.rounded() }, "\(forecast.quantiles)")
            #expect(forecast.quantile(step: 1, level: 0.5) == 0)
        }
        // P(demand ≥ 3) is 1/8, so that the 95 % quantile is 3 or 4 but for what a band and few observations blur.
        let high = forecasts.compactMap { $0.quantile(step: 1, level: 0.95) }
        #expect(high.reduce(0, +) / 80 > 2.5 && high.reduce(0, +) / 80 < 4.5)
        #expect(high.contains(3))
    }

    /// A shop closed on one day of the week sells nothing on it, whatever the level asked for.
    @Test func aDayWithoutDemandHasNone() async throws {
        let values = batch(40, length: 200, seed: 8) { generator, _, _, time in
            if time % 7 == 5 { return 0 }
            let size = generator.uniform()
            return generator.uniform() < 0.5 ? 0 : (1 + 20 * size * size).rounded(.down)
        }
        let day = Bucket(frequency: .daily, containing: CivilDate(year: 2020, month: 1, day: 1))
        let engine = try ForecastEngine(configuration: ForecastConfiguration(frequency: .daily, horizon: 14))
        let forecasts = try await engine.forecast(
            values.indices.map { DemandSeries(key: SeriesKey(item: "\($0)"), start: day, values: values[$0]) })
        for forecast in forecasts {
            for step in 1...14 {
                let isClosed = (199 + step) % 7 == 5
                #expect((forecast.mean[step - 1] == 0) == isClosed)
                #expect((forecast.quantile(step: step, level: 0.95) == 0) == isClosed)
            }
            #expect(forecast.components.contains { $0.name == "adjustment" })
        }
        // Open days sell 3.8 on average, half of 1 + 20 E[u²] less half a piece of rounding; 40 × 171 of them were seen.
        let open = forecasts.flatMap { $0.mean.filter { $0 > 0 } }
        let average = open.reduce(0, +) / Double(open.count)
        #expect(average > 3.3 && average < 4.1, "\(average)")
    }

    @Test func aConstantSeriesIsCertain() throws {
        let engine = try ForecastEngine(configuration: ForecastConfiguration(frequency: .monthly, horizon: 4))
        let forecast = try engine.forecast(
            one: DemandSeries(
                key: SeriesKey(item: "constant"), start: start, values: [Double](repeating: 7, count: 40)))
        #expect(forecast.quantiles.allSatisfy { ($0 - 7).magnitude < 1e-6 })
    }
}
