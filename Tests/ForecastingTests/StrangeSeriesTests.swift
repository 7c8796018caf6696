import Forecasting
import Testing
import TimeSeries

/// Every series gets a finite, ordered and, where asked, non-negative forecast, whatever it looks like, and a note where it
/// is not by the model asked for; the batch goes on.
@Suite struct StrangeSeriesTests {
    static let choices: [ModelChoice] = [
        .auto, .naive, .seasonalNaive, .ets, .etsForm("AAdM"), .etsForm("MAM"), .etsForm("AAA"), .holtWinters, .ridge,
        .ridgeDirect, .ridgeGlobal, .theta, .mstl, .croston, .sba, .tsb, .adida, .imapa, .mean, .combination,
    ]

    /// Fits are a hundred times slower without optimisation, which must not make anyone wait.
    #if DEBUG
        private static let randomSeries = 8
        private static let lengths = [0, 1, 2, 5, 25]
        private static let longest = 200
        private static let longestHorizon = 60
    #else
        private static let randomSeries = 2000
        private static let lengths = Array(0...30) + [47, 48, 49]
        private static let longest = 100_000
        private static let longestHorizon = 1000
    #endif

    @Test(arguments: choices) func handPicked(choice: ModelChoice) async throws {
        var series: [[Double]] = []
        for length in StrangeSeriesTests.lengths {
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
        try await check(series, choice: choice, season: 12, horizon: 7, nonNegative: true)
        // A bound at 0 may hide what is wrong below it.
        try await check(series.suffix(13), choice: choice, season: 12, horizon: 7, nonNegative: false)
    }

    /// Seasons from none to far longer than the series, horizons of one step and of a thousand.
    @Test(arguments: choices) func random(choice: ModelChoice) async throws {
        var generator = SplitMix(seed: 20_240_611)
        let seasons = choice.needsSeason ? [4, 12, 60] : [1, 4, 12, 60]
        for (number, season) in seasons.enumerated() {
            let series = (0..<(StrangeSeriesTests.randomSeries / seasons.count)).map { _ in
                StrangeSeriesTests.draw(&generator)
            }
            try await check(
                series, choice: choice, season: season, horizon: number == 0 ? 1 : 7,
                nonNegative: !number.isMultiple(of: 2))
        }
        let few = (0..<3).map { _ in StrangeSeriesTests.draw(&generator) }
        try await check(
            few, choice: choice, season: 12, horizon: StrangeSeriesTests.longestHorizon, nonNegative: true)
    }

    @Test(arguments: choices) func long(choice: ModelChoice) async throws {
        var generator = SplitMix(seed: 8)
        let count = StrangeSeriesTests.longest
        let series = [
            (0..<count).map { 10 + Double($0 % 12) + generator.uniform() },
            (0..<count).map { $0 == count / 2 ? 1 : 0 },
        ]
        try await check(series, choice: choice, season: 12, horizon: 7, nonNegative: true)
    }

    /// A length from 0 to 90, a magnitude from 1e-300 to 1e300, and now and then zeros, gaps, spikes and steps.
    static func draw(_ generator: inout SplitMix) -> [Double] {
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
            if generator.uniform() < gaps { return generator.uniform() < 0.1 ? .infinity : .nan }
            if generator.uniform() < zeros { return 0 }
            var value = generator.uniform() + (seasonal ? Double(time % 12) / 6 : 1) + slope * Double(time)
            if generator.uniform() < 0.01 { value *= 1000 }
            if negative && generator.uniform() < 0.5 { value = -value }
            return value * magnitude
        }
    }

    private func check(
        _ values: some Sequence<[Double]>, choice: ModelChoice, season: Int, horizon: Int, nonNegative: Bool
    ) async throws {
        let configuration = ForecastConfiguration(
            frequency: .monthly, season: season, horizon: horizon, cumulative: true, model: choice,
            nonNegative: nonNegative, threads: 2)
        let engine = try ForecastEngine(configuration: configuration)
        let start = Bucket(frequency: .monthly, containing: CivilDate(year: 2015, month: 5, day: 1))
        let series = values.enumerated().map {
            DemandSeries(key: SeriesKey(item: "item \($0.offset)"), start: start, values: $0.element)
        }
        let forecasts = try await engine.forecast(series)
        #expect(forecasts.map(\.key) == series.map(\.key))
        for (forecast, one) in zip(forecasts, series) {
            let fault = StrangeSeriesTests.fault(of: forecast, series: one, configuration: configuration)
            #expect(fault == nil, "\(choice.name), season \(season), \(forecast.model): \(one.values.prefix(200))")
        }
    }

    /// What is wrong with a forecast; `nil` where nothing is.
    private static func fault(
        of forecast: SeriesForecast, series: DemandSeries, configuration: ForecastConfiguration
    ) -> String? {
        let levels = configuration.quantileLevels.count
        let horizon = configuration.horizon
        if forecast.origin != series.origin { return "origin" }
        if forecast.mean.count != horizon || forecast.quantiles.count != horizon * levels { return "sizes" }
        if forecast.state.count != forecast.stateNames.count { return "state names" }
        let sums = forecast.cumulativeQuantiles ?? []
        if sums.count != horizon * levels { return "number of quantiles of sums" }
        let numbers =
            forecast.mean + forecast.quantiles + sums + forecast.state + forecast.components.flatMap(\.values)
            + forecast.parameters.values + [forecast.logLikelihood ?? 0, forecast.aicc ?? 0]
        if !numbers.allSatisfy({ $0.isFinite }) { return "a number that is not finite" }
        if configuration.nonNegative && !(forecast.mean + forecast.quantiles + sums).allSatisfy({ $0 >= 0 }) {
            return "a negative number"
        }
        for step in 0..<horizon {
            let row = forecast.quantiles[(step * levels)..<((step + 1) * levels)]
            if !zip(row, row.dropFirst()).allSatisfy({ $0 <= $1 }) { return "quantiles \(row)" }
            let summed = sums[(step * levels)..<((step + 1) * levels)]
            if !zip(summed, summed.dropFirst()).allSatisfy({ $0 <= $1 }) { return "quantiles of sums \(summed)" }
            if forecast.components.reduce(0, { $0 + $1.values[step] }) != forecast.mean[step] { return "components" }
        }
        if Set(forecast.components.map(\.name)).count != forecast.components.count { return "a component twice" }
        if !known.isSuperset(of: forecast.components.map(\.name)) { return "an unknown component" }
        if configuration.season > 1, let family = configuration.model.family, family != forecast.modelFamily,
            forecast.notes.isEmpty
        {
            return "no note of a fallback"
        }
        guard let backtest = forecast.backtest else { return nil }
        for errors in [backtest.model, backtest.seasonalNaive] {
            let all = [
                errors.absoluteError, errors.absoluteActual, errors.signedError, errors.mase, errors.rmsse,
                errors.pinball, errors.coverage80, errors.coverage95,
            ]
            if errors.count == 0 || !all.allSatisfy({ $0.isFinite }) { return "backtest \(all)" }
        }
        let others = backtest.stepErrors + backtest.candidates.values
        return others.allSatisfy { $0.isFinite } ? nil : "backtest \(others)"
    }

    private static let known: Set = [
        "level", "trend", "season", "calendar", "holiday", "event", "start", "adjustment",
    ]
}

extension ModelChoice {
    /// The family a choice of one model names; `nil` where it is open.
    fileprivate var family: ModelFamily? {
        switch self {
        case .auto, .combination: nil
        case .naive: .naive
        case .seasonalNaive: .seasonalNaive
        case .ets, .etsForm, .holtWinters: .ets
        case .ridge, .ridgeDirect, .ridgeGlobal: .ridge
        case .theta: .theta
        case .mstl: .mstl
        case .croston, .sba, .tsb, .adida, .imapa: .croston
        case .mean: .mean
        }
    }
}
