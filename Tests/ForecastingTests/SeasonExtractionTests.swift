import Forecasting
import Testing
import TimeSeries

/// The season that `mstl` and `theta` take out is the one that was put in.
@Suite struct SeasonExtractionTests {
    /// Level 500, trend 0.5 and a known season of 52 weeks with noise of standard deviation 10: each effect is a mean of
    /// three cycles (σ/√3 = 5.8); of 52, the largest deviation stays below four standard errors but once in 300 draws.
    @Test func weekly() throws {
        let season: [Double] = (0..<52).map { 3 * (Double(($0 * 37) % 52) - 25.5) }
        var generator = SplitMix(seed: 11)
        let values: [Double] = (0..<156).map { (time: Int) -> Double in
            let line = 500 + 0.5 * Double(time)
            return line + season[time % 52] + 10 * generator.normal()
        }
        let forecast = try forecast(values, frequency: .weekly, horizon: 52, model: .mstl)
        let extracted = try #require(forecast.components.first { $0.name == "season" }).values
        for step in 0..<52 { #expect((extracted[step] - season[step]).magnitude < 4 * 5.8) }
    }

    /// Without noise nothing but the moving average's bend at the ends is left, here a hundredth of the season.
    @Test func noiseless() throws {
        let season: [Double] = [30, -10, -25, 5]
        let values: [Double] = (0..<40).map { (time: Int) -> Double in 100 + 0.2 * Double(time) + season[time % 4] }
        let forecast = try forecast(values, frequency: .quarterly, horizon: 4, model: .mstl)
        let extracted = try #require(forecast.components.first { $0.name == "season" }).values
        for step in 0..<4 { #expect((extracted[step] - season[step]).magnitude < 0.5) }
    }

    /// A series without a season keeps none under the theta method's test.
    @Test func noSeason() throws {
        var generator = SplitMix(seed: 3)
        let values: [Double] = (0..<60).map { (time: Int) -> Double in 100 + Double(time) + generator.normal() }
        let forecast = try forecast(values, frequency: .monthly, horizon: 12, model: .theta)
        #expect(!forecast.components.contains { $0.name == "season" })
    }

    private func forecast(
        _ values: [Double], frequency: Frequency, horizon: Int, model: ModelChoice
    ) throws -> SeriesForecast {
        let configuration = ForecastConfiguration(frequency: frequency, horizon: horizon, model: model)
        let start = Bucket(frequency: frequency, containing: CivilDate(year: 2018, month: 1, day: 1))
        return try ForecastEngine(configuration: configuration).forecast(
            one: DemandSeries(key: SeriesKey(item: "made"), start: start, values: values))
    }
}
