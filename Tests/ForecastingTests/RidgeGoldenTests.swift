import Forecasting
import Testing
import TimeSeries

/// The ridge model against scikit-learn 1.9.1 and NumPy.
///
/// Reference: for values less their mean and for changes, a table of lags (1…6 of the Nile, 1…12 of the airline), of the
/// means of the last 3 (and 12) and, for the airline, of two waves a year; `StandardScaler`; `Ridge` refitted without
/// each row at each of the penalties n · 10^(−2 + 0.4 k), k = 0…15; the best penalty's fit forecast step by step; both
/// averaged in proportion to the inverse fourth power of their leave-one-out errors. Both solve the same equations, so
/// that only rounding, through up to twelve steps of a stable recursion, may tell them apart.
@Suite struct RidgeGoldenTests {
    @Test func nile() throws {
        let reference = [
            789.27688631, 800.02168817, 809.54132848, 805.74491318, 805.16514242, 808.07984399, 811.42332215,
            813.22806083, 814.35525715, 814.33797467, 814.0381618, 813.7142723,
        ]
        try compare(ClassicSeries.nile, .yearly, with: reference)
    }

    @Test func airPassengers() throws {
        let reference = [
            448.74235025, 422.71211641, 449.98455184, 488.34866683, 509.45202262, 568.19321714,
            655.24552987, 636.72739068, 554.33772994, 498.45106744, 432.43080536, 464.32754894,
        ]
        try compare(ClassicSeries.airPassengers, .monthly, with: reference)
    }

    private func compare(_ values: [Double], _ frequency: Frequency, with reference: [Double]) throws {
        let start = Bucket(frequency: frequency, containing: CivilDate(year: 1949, month: 1, day: 1))
        let engine = try ForecastEngine(
            configuration: ForecastConfiguration(frequency: frequency, horizon: 12, model: .ridge))
        let forecast = try engine.forecast(
            one: DemandSeries(key: SeriesKey(item: "classic"), start: start, values: values))
        #expect(forecast.model == "ridge")
        for (mean, expected) in zip(forecast.mean, reference) { #expect((mean - expected).magnitude < 1e-6 * expected) }
        for step in 0..<12 {
            let sum = forecast.components.reduce(0) { $0 + $1.values[step] }
            #expect((sum - forecast.mean[step]).magnitude < 1e-9 * forecast.mean[step])
        }
    }
}
