import Forecasting
import Testing
import TimeSeries

/// An earlier choice of model beside today's.
@Suite struct IncumbentTests {
    private func engine(_ model: ModelChoice = .auto) throws -> ForecastEngine {
        try ForecastEngine(configuration: ForecastConfiguration(frequency: .daily, horizon: 7, model: model))
    }

    private let series: [DemandSeries] = {
        var generator = SplitMix(seed: 11)
        return (0..<12).map { index in
            let values = (0..<120).map { (day: Int) -> Double in
                let level = Double(60 + index * 40 + day % 7 * 6)
                return level + Double(day) * 0.1 + 8 * generator.normal()
            }
            return DemandSeries(
                key: SeriesKey(item: "item \(index)"), start: Bucket(frequency: .daily, ordinal: 20_000), values: values
            )
        }
    }()

    @Test func todaysOwnChoiceDoesAsWellAsItselfAndChangesNothing() async throws {
        let first = try await engine().forecast(series)
        let incumbents = first.map { Incumbent(model: $0.model, parameters: $0.parameters) }
        let second = try await engine().forecast(series, incumbents: incumbents)
        for (before, after) in zip(first, second) {
            let backtest = try #require(after.backtest)
            let incumbent = try #require(backtest.incumbent)
            let own = backtest.folds.map(\.absoluteError)
            #expect(abs(own.reduce(0, +) / backtest.model.absoluteError - 1) < 1e-9)
            #expect(incumbent.errors.count == own.count)
            for (one, other) in zip(own, incumbent.errors) { #expect(abs(one - other) <= 1e-9 * one) }
            #expect(
                abs(incumbent.signedError - backtest.model.signedError) < 1e-9 * backtest.model.absoluteError)
            var stripped = after
            stripped.backtest?.incumbent = nil
            #expect(stripped == before)
        }
    }

    @Test func aHeldChoiceIsFittedToTodaysValues() async throws {
        let incumbents = series.map { _ in Incumbent(model: "theta", parameters: [:], isHeld: true) }
        let held = try await engine().forecast(series, incumbents: incumbents)
        let theta = try await engine(.theta).forecast(series)
        #expect(held.map(\.mean) == theta.map(\.mean))
        #expect(held.allSatisfy { $0.model == "theta" })
        let shares = Incumbent(
            model: "combination", parameters: ["weight theta": 0.25, "weight ETS(A,N,A)": 0.75], isHeld: true)
        let combined = try await engine().forecast(
            series, incumbents: series.map { _ in shares })
        let smooth = try await engine().forecast(
            series, incumbents: series.map { _ in Incumbent(model: "ETS(A,N,A)", parameters: [:], isHeld: true) })
        for index in series.indices {
            for step in 0..<7 {
                let expected = 0.25 * held[index].mean[step] + 0.75 * smooth[index].mean[step]
                #expect(abs(combined[index].mean[step] / expected - 1) < 1e-9)
            }
        }
    }

    @Test func someChoicesAreHeldWhileOthersAreMadeAnew() async throws {
        let free = try await engine().forecast(series)
        let held = Incumbent(model: "theta", parameters: [:], isHeld: true)
        let mixed = try await engine().forecast(
            series, incumbents: series.indices.map { $0 == 0 ? nil : held })
        #expect(mixed[0].model == free[0].model)
        #expect(mixed.dropFirst().allSatisfy { $0.model == "theta" })
    }

    @Test func aModelThatIsTriedNoMoreIsNotCompared() async throws {
        let incumbents = series.map { _ in Incumbent(model: "crystal ball", parameters: [:], isHeld: true) }
        let held = try await engine().forecast(series, incumbents: incumbents)
        #expect(held.allSatisfy { $0.backtest?.incumbent == nil })
        #expect(try await engine().forecast(series) == held)
    }
}
