import Forecasting
import Testing
import TimeSeries

/// Methods for slow demand against statsforecast 2.1.1 and statsmodels 0.15.0, on 4,000 generated buckets of which two in
/// five have demand of a wandering size.
///
/// - Croston, SBA: statsmodels' `SimpleExpSmoothing(initialization_method: "known")` of sizes and of intervals, each from
///   its mean, at the constant that has the least squared error here (0.05).
/// - TSB: statsforecast's `TSB(alpha_d: 0.05, alpha_p: 0.02)`, which starts elsewhere; (1 − 0.02)⁴⁰⁰⁰ is 8e-36.
/// - ADIDA, IMAPA: statsforecast's, whose search ends at its lower bound of 0.1 as ours does; it starts at the first block,
///   and (1 − 0.1)²⁰⁰⁰ is nothing. Where its search stops short of the bound, the forecast moves by about 1e-8.
///
/// The recursions are the same, so that rounding alone is left: 1e-9, and 1e-6 where a search is compared.
@Suite struct IntermittentGoldenTests {
    @Test(arguments: [
        (ModelChoice.croston, 25.688205904083915, 1e-9), (.sba, 25.046000756481817, 1e-9),
        (.tsb, 26.200389282679694, 1e-9), (.adida, 25.59270046683861, 1e-6), (.imapa, 25.938334905285814, 1e-6),
    ])
    func mean(choice: ModelChoice, reference: Double, tolerance: Double) throws {
        let configuration = ForecastConfiguration(frequency: .daily, season: 1, horizon: 3, model: choice)
        let start = Bucket(frequency: .daily, containing: CivilDate(year: 2015, month: 1, day: 1))
        let forecast = try ForecastEngine(configuration: configuration).forecast(
            one: DemandSeries(key: SeriesKey(item: "slow"), start: start, values: IntermittentGoldenTests.demand))
        for mean in forecast.mean { #expect((mean - reference).magnitude < tolerance * reference) }
    }

    private static let demand: [Double] = {
        var generator = SplitMix(seed: 5)
        var level = 20.0
        return (0..<4000).map { _ in
            level = max(level + (generator.uniform() - 0.5) * 4, 2)
            guard generator.uniform() < 0.4 else { return 0 }
            return (level * (0.5 + generator.uniform())).rounded(.down)
        }
    }()
}
