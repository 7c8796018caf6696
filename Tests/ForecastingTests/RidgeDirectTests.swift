import Forecasting
import Testing
import TimeSeries

/// One regression for each step ahead.
@Suite struct RidgeDirectTests {
    private func forecast(
        _ values: [Double], frequency: Frequency = .monthly, horizon: Int, model: ModelChoice = .ridgeDirect
    ) async throws -> SeriesForecast {
        let engine = try ForecastEngine(
            configuration: ForecastConfiguration(
                frequency: frequency, season: frequency.usualSeason, horizon: horizon, quantileLevels: [0.1, 0.9],
                model: model, nonNegative: false))
        let series = DemandSeries(
            key: SeriesKey(item: "A"), start: Bucket(frequency: frequency, ordinal: 600), values: values)
        return try await engine.forecast([series])[0]
    }

    /// Against NumPy: for the Nile's flow less its mean, and for what it changes by from the last year, a table of lags 1…6
    /// and of the mean of the last 3, standardised; ridge regressions of each of the twelve years after on it, the penalty
    /// of each by generalised cross-validation over n · 10^(−4 + 0.5 k), k = 0…16; both averaged in proportion to the inverse
    /// fourth power of the criterion's mean. Both solve the same equations, so that only rounding may tell them apart.
    @Test func nile() async throws {
        let reference = [
            814.97420196, 848.30378513, 837.70103151, 832.97769842, 868.80519862, 852.4346667, 843.60915429,
            864.77093405, 857.46000158, 859.34127486, 836.91409708, 829.96389671,
        ]
        let found = try await forecast(ClassicSeries.nile, frequency: .yearly, horizon: 12)
        for (mean, expected) in zip(found.mean, reference) { #expect((mean - expected).magnitude < 1e-6 * expected) }
    }

    /// What comes two steps later depends on today, and what comes next does not: each step learns that by itself.
    @Test func eachStepLearnsWhatItNeeds() async throws {
        var random = SplitMix(seed: 5)
        var values = [10.0, -10]
        for _ in 2..<240 { values.append(0.95 * values[values.count - 2] + random.normal()) }
        let found = try await forecast(values, frequency: .yearly, horizon: 4)
        #expect(found.model == "ridge-direct")
        let (last, before) = (values[values.count - 1], values[values.count - 2])
        for (step, base) in [before, last, before, last].enumerated() {
            let expected = base * (step < 2 ? 0.95 : 0.95 * 0.95)
            #expect((found.mean[step] - expected).magnitude < 1.5, "\(step): \(found.mean[step]) and not \(expected)")
        }
    }

    @Test func seasonAndTrendGoOn() async throws {
        let values = (0..<96).map { 100 + Double($0) + 20 * [0.0, 1, 2, 3, 2, 1, 0, -1, -2, -3, -2, -1][$0 % 12] }
        let found = try await forecast(values, horizon: 12)
        #expect(found.model == "ridge-direct")
        for step in 0..<12 {
            let expected = 196 + Double(step) + 20 * [0.0, 1, 2, 3, 2, 1, 0, -1, -2, -3, -2, -1][step]
            #expect((found.mean[step] - expected).magnitude < 8, "\(step): \(found.mean[step]) and not \(expected)")
        }
        // The parts add up to the whole.
        for step in 0..<12 {
            let sum = found.components.reduce(0) { $0 + $1.values[step] }
            #expect((sum - found.mean[step]).magnitude < 1e-6 * found.mean[step])
        }
    }

    /// Too short to see so far ahead: what is asked for is done step by step instead, and said.
    @Test func aShortSeriesIsForecastStepByStep() async throws {
        let values = (0..<40).map { 50 + 3 * Double(($0 * 7) % 12) }
        let found = try await forecast(values, horizon: 24)
        #expect(found.model == "ridge")
    }
}
