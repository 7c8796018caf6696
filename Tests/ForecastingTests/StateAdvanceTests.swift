import Forecasting
import Foundation
import Testing
import TimeSeries

/// A fitted model that takes in new observations says what the same model says when it is run over the whole history.
@Suite struct StateAdvanceTests {
    /// Series per model: fits are a hundred times slower without optimisation.
    #if DEBUG
        private static let number = 6
    #else
        private static let number = 200
    #endif

    private static let start = Bucket(frequency: .daily, containing: CivilDate(year: 2021, month: 3, day: 1))

    private func engine(_ choice: ModelChoice, season: Int) throws -> ForecastEngine {
        let configuration = ForecastConfiguration(
            frequency: .daily, season: season, horizon: 9, model: choice, origins: 2, nonNegative: false, threads: 1,
            keepsFit: true)
        return try ForecastEngine(configuration: configuration)
    }

    /// A series whose first `known` values hold its greatest, so that its unit is that of all of it.
    private static func draw(_ generator: inout SplitMix, known: Int, count: Int, season: Int) -> DemandSeries {
        let zeros = generator.uniform() < 0.4 ? 0.7 * generator.uniform() : 0
        let gaps = generator.uniform() < 0.4 ? 0.4 * generator.uniform() : 0
        let isNegative = generator.uniform() < 0.2
        let slope = (generator.uniform() - 0.5) * 0.05
        var values = (0..<count).map { time in
            if generator.uniform() < gaps { return Double.nan }
            if generator.uniform() < zeros { return 0 }
            let level = 3 + slope * Double(time) + Double(time % max(season, 5)) / 3
            return (level + generator.normal()) * (isNegative && generator.uniform() < 0.5 ? -1 : 1)
        }
        let greatest = values.reduce(1) { $1.isNaN ? $0 : max($0, $1.magnitude) }
        if known / 2 < count { values[known / 2] = 1.01 * greatest }
        return DemandSeries(key: SeriesKey(item: "item"), start: start, values: values)
    }

    private func agree(_ left: [Double], _ right: [Double]) -> Bool {
        let size = left.reduce(1e-12) { max($0, $1.magnitude) }
        return left.count == right.count && zip(left, right).allSatisfy { ($0 - $1).magnitude <= 1e-12 * size }
    }

    /// Says which series it was, and not all that the two sides hold.
    private func check(_ holds: Bool, _ series: DemandSeries, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(holds, "\(series.values)", sourceLocation: sourceLocation)
    }

    @Test(arguments: StrangeSeriesTests.choices.filter { $0 != .ridgeGlobal })
    func equalsRefiltering(choice: ModelChoice) throws {
        var generator = SplitMix(seed: 77)
        var compared = 0
        for number in 0..<StateAdvanceTests.number {
            let season = [7, 4, choice.needsSeason ? 2 : 1][number % 3]
            let engine = try engine(choice, season: season)
            let known = 2 * season + Int(generator.uniform() * 60)
            let coming = 1 + Int(generator.uniform() * 30)
            let series = StateAdvanceTests.draw(&generator, known: known, count: known + coming, season: season)
            guard let refiltered = engine.refilteredMeans(series, fittedTo: known) else { continue }
            let beginning = DemandSeries(
                key: series.key, start: series.start, values: Array(series.values[0..<known]))
            var fitted = try #require(try engine.forecast(one: beginning).fitted)
            // Half of the way, a restart, and the rest.
            fitted.advance(over: series.values[known..<(known + coming / 2)])
            let stored = try JSONEncoder().encode(fitted)
            var restored = try JSONDecoder().decode(FittedForecast.self, from: stored)
            check(restored == fitted, series)
            fitted.advance(over: series.values[(known + coming / 2)...])
            restored.advance(over: series.values[(known + coming / 2)...])
            check(restored == fitted, series)
            let forecast = restored.forecast(horizon: 9)
            #expect(forecast.origin == series.origin)
            check(forecast == fitted.forecast(horizon: 9), series)
            #expect(agree(forecast.mean, refiltered), "\(forecast.model): \(forecast.mean) \(refiltered)")
            compared += 1
        }
        #expect(compared > StateAdvanceTests.number * 4 / 5)
    }

    @Test(arguments: StrangeSeriesTests.choices)
    func startsAtTheForecastItCameWith(choice: ModelChoice) async throws {
        var generator = SplitMix(seed: 5)
        let engine = try engine(choice, season: 7)
        let series = (0..<5).map {
            StateAdvanceTests.draw(&generator, known: 40, count: $0.isMultiple(of: 4) ? $0 : 40 + 5 * $0, season: 7)
        }
        for (forecast, one) in zip(try await engine.forecast(series), series) {
            var fitted = try #require(forecast.fitted)
            var expected = forecast
            expected.backtest = nil
            expected.fitted = nil
            check(fitted.forecast(horizon: 9) == expected, one)
            let further = fitted.forecast(horizon: 30)
            check(Array(further.mean.prefix(9)) == forecast.mean, one)
            check(Array(further.quantiles.prefix(forecast.quantiles.count)) == forecast.quantiles, one)
            check((further.mean + further.quantiles).allSatisfy { $0.isFinite }, one)
            // Whatever comes, what is stored stays finite and of one size.
            let numbers = try StateAdvanceTests.numbers(fitted)
            for step in 0..<400 {
                let strange = [Double.nan, .infinity, 1e300, -1e300, 0, .leastNonzeroMagnitude]
                fitted.advance(step % 9 == 0 ? strange[step / 9 % strange.count] : 10 * generator.uniform())
            }
            #expect(try StateAdvanceTests.numbers(fitted) == numbers)
            let later = fitted.forecast(horizon: 9)
            #expect(later.origin == forecast.origin.advanced(by: 400))
            check((later.mean + later.quantiles + later.state).allSatisfy { $0.isFinite }, one)
            for step in 0..<9 {
                check(later.components.reduce(0) { $0 + $1.values[step] } == later.mean[step], one)
            }
        }
    }

    /// Promotions double demand; the coming one is taken out of what is observed before the level sees it.
    @Test func knownEventsAreTakenOutOfNewObservations() throws {
        let first = StateAdvanceTests.start.firstDay.daysSinceEpoch
        let promotions = [10, 25, 40, 52, 61].map { day in
            let date = CivilDate(daysSinceEpoch: first + day)
            return DemandEvent(name: "promotion", kind: .other, firstDay: date, lastDay: date)
        }
        var values = [Double](repeating: 50, count: 60)
        for day in [10, 25, 40, 52] { values[day] = 100 }
        let series = DemandSeries(
            key: SeriesKey(item: "item"), start: StateAdvanceTests.start, values: values, events: promotions)
        let forecast = try engine(.mean, season: 1).forecast(one: series)
        var fitted = try #require(forecast.fitted)
        #expect(forecast.mean[1] > 1.6 * forecast.mean[0])
        #expect(fitted.forecast(horizon: 9).mean == forecast.mean)
        // Demand as forecast leaves the mean where it is, whatever the promotion made of it.
        fitted.advance(over: [forecast.mean[0], forecast.mean[1]])
        let later = fitted.forecast(horizon: 9)
        #expect(later.mean.allSatisfy { ($0 - forecast.mean[0]).magnitude < 1e-9 })
        #expect(!later.components.contains { $0.name == "event" })
    }

    /// How many numbers the stored form holds.
    private static func numbers(_ fitted: FittedForecast) throws -> Int {
        func count(_ value: Any) -> Int {
            switch value {
            case let values as [Any]: values.reduce(0) { $0 + count($1) }
            case let values as [String: Any]: values.values.reduce(0) { $0 + count($1) }
            default: 1
            }
        }
        return count(try JSONSerialization.jsonObject(with: JSONEncoder().encode(fitted)))
    }
}

extension ModelChoice {
    /// Whether the choice cannot be made without a season.
    var needsSeason: Bool {
        if case .etsForm(let form) = self { return !form.hasSuffix("N") }
        return false
    }
}
