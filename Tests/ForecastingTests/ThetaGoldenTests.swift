import Forecasting
import Testing
import TimeSeries

/// The theta model against statsforecast 2.1.1, `DynamicOptimizedTheta(season_length: m).fit(y).predict(12)`.
///
/// Both minimise the same one-step errors of the same model over level, α and θ, the reference by Nelder-Mead, which stops
/// on a flat objective (θ there is 91 where the limit is infinity). Forecasts, not parameters, are compared: 1 % of the
/// level is a fifth of the one-step standard error on either series.
@Suite struct ThetaGoldenTests {
    @Test func airPassengers() throws {
        let reference = [
            442.92719487, 432.29840082, 495.48245438, 482.57534129, 487.86599332, 556.12158628, 616.22295257,
            616.10973054, 538.40272248, 470.41052488, 410.99899365, 463.47722240,
        ]
        let means = try forecast(ClassicSeries.airPassengers, frequency: .monthly)
        for (mean, expected) in zip(means, reference) { #expect((mean - expected).magnitude < 0.01 * expected) }
    }

    @Test func nile() throws {
        let means = try forecast(ClassicSeries.nile, frequency: .yearly)
        for mean in means { #expect((mean - 798.23018873).magnitude < 0.01 * 798.23018873) }
    }

    private func forecast(_ values: [Double], frequency: Frequency) throws -> [Double] {
        let configuration = ForecastConfiguration(frequency: frequency, horizon: 12, model: .theta)
        let start = Bucket(frequency: frequency, containing: CivilDate(year: 1949, month: 1, day: 1))
        return try ForecastEngine(configuration: configuration).forecast(
            one: DemandSeries(key: SeriesKey(item: "classic"), start: start, values: values)
        ).mean
    }
}
