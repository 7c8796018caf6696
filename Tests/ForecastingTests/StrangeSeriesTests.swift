import Forecasting
import Testing
import TimeSeries

/// Every series gets a finite, ordered and, where asked, non-negative forecast, whatever it looks like.
@Suite struct StrangeSeriesTests {
    static let choices: [ModelChoice] = [
        .auto, .naive, .seasonalNaive, .ets, .etsForm("AAdM"), .etsForm("MAM"), .etsForm("AAA"), .holtWinters, .ridge,
        .ridgeGlobal, .theta, .mstl, .croston, .sba, .tsb, .adida, .imapa, .mean, .combination,
    ]

    @Test(arguments: choices) func handPicked(choice: ModelChoice) async throws {
        var series: [[Double]] = []
        for length in 0...30 {
            series.append([Double](repeating: 0, count: length))
            series.append([Double](repeating: 7, count: length))
            series.append([Double](repeating: .nan, count: length))
            series.append((0..<length).map { Double($0) })
            series.append((0..<length).map { $0 == length - 1 ? 1e6 : 0 })
            series.append((0..<length).map { $0 == 0 ? 1e300 : 1e-300 })
            series.append((0..<length).map { $0.isMultiple(of: 3) ? .nan : Double($0 % 4) })
            series.append((0..<length).map { $0.isMultiple(of: 2) ? -5 : 3 })
            series.append((0..<length).map { $0 == 3 ? .infinity : 1 })
        }
        series.append([Double](repeating: 1.7e308, count: 40))
        series.append((0..<40).map { $0.isMultiple(of: 2) ? 1.7e308 : -1.7e308 })
        series.append([Double](repeating: .leastNonzeroMagnitude, count: 40))
        series.append((0..<60).map { _ in 1 } + [Double](repeating: .nan, count: 60))
        try await check(series, choice: choice, nonNegative: true)
        try await check(series, choice: choice, nonNegative: false)
    }

    @Test(arguments: choices) func random(choice: ModelChoice) async throws {
        var generator = SplitMix(seed: 20_240_611)
        let series = (0..<400).map { _ in StrangeSeriesTests.draw(&generator) }
        try await check(series, choice: choice, nonNegative: true)
    }

    /// A length from 0 to 90, a magnitude from 1e-300 to 1e300, and now and then zeros, gaps, spikes and steps.
    private static func draw(_ generator: inout SplitMix) -> [Double] {
        let length = Int(generator.uniform() * 91)
        let exponents = [-300.0, -20, -3, 0, 0, 0, 0, 2, 6, 12, 300]
        var magnitude = 1.0
        let exponent = exponents[Int(generator.uniform() * Double(exponents.count))]
        for _ in 0..<Int(exponent.magnitude) { magnitude *= exponent < 0 ? 0.1 : 10 }
        let zeros = generator.uniform() < 0.3 ? generator.uniform() : 0
        let gaps = generator.uniform() < 0.3 ? generator.uniform() * 0.9 : 0
        let negative = generator.uniform() < 0.2
        let seasonal = generator.uniform() < 0.5
        let slope = (generator.uniform() - 0.5) * 0.2
        return (0..<length).map { time in
            if generator.uniform() < gaps { return .nan }
            if generator.uniform() < zeros { return 0 }
            var value = generator.uniform() + (seasonal ? Double(time % 12) / 6 : 1) + slope * Double(time)
            if generator.uniform() < 0.01 { value *= 1000 }
            if negative && generator.uniform() < 0.5 { value = -value }
            return value * magnitude
        }
    }

    private func check(_ values: [[Double]], choice: ModelChoice, nonNegative: Bool) async throws {
        let configuration = ForecastConfiguration(
            frequency: .monthly, horizon: 7, model: choice, nonNegative: nonNegative, threads: 2)
        let engine = try ForecastEngine(configuration: configuration)
        let start = Bucket(frequency: .monthly, containing: CivilDate(year: 2015, month: 5, day: 1))
        let series = values.indices.map {
            DemandSeries(key: SeriesKey(item: "item \($0)"), start: start, values: values[$0])
        }
        let forecasts = try await engine.forecast(series)
        #expect(forecasts.count == series.count)
        for (forecast, one) in zip(forecasts, series) {
            #expect(forecast.key == one.key)
            #expect(forecast.origin == one.origin)
            #expect(forecast.mean.count == 7)
            #expect(forecast.quantiles.count == 7 * configuration.quantileLevels.count)
            let numbers =
                forecast.mean + forecast.quantiles + forecast.state + forecast.components.flatMap(\.values)
                + forecast.parameters.values + [forecast.logLikelihood ?? 0, forecast.aicc ?? 0]
            #expect(numbers.allSatisfy { $0.isFinite }, "\(choice.name) \(one.key.item): \(one.values)")
            #expect(forecast.state.count == forecast.stateNames.count)
            if nonNegative {
                #expect(forecast.mean.allSatisfy { $0 >= 0 }, "\(choice.name) \(one.values)")
                #expect(forecast.quantiles.allSatisfy { $0 >= 0 }, "\(choice.name) \(one.values)")
            }
            for step in 0..<7 {
                let row = forecast.quantiles[(step * 8)..<((step + 1) * 8)]
                #expect(zip(row, row.dropFirst()).allSatisfy { $0 <= $1 }, "\(choice.name) \(row)")
                #expect(forecast.components.reduce(0) { $0 + $1.values[step] } == forecast.mean[step])
            }
            if let backtest = forecast.backtest {
                for errors in [backtest.model, backtest.seasonalNaive] {
                    #expect(errors.count > 0)
                    let all = [
                        errors.absoluteError, errors.absoluteActual, errors.signedError, errors.mase, errors.rmsse,
                        errors.pinball, errors.coverage80, errors.coverage95,
                    ]
                    #expect(all.allSatisfy { $0.isFinite }, "\(choice.name) \(all) \(one.values)")
                }
                #expect((backtest.stepErrors + backtest.candidates.values).allSatisfy { $0.isFinite })
            }
        }
    }
}
