import Forecasting
import Testing
import TimeSeries

/// Holidays and events: learnt from the past, put on the future, and never known before their day.
@Suite struct EventEffectTests {
    private static let start = CivilDate(year: 2024, month: 1, day: 1)

    private func day(_ text: String) -> CivilDate { CivilDate(text)! }

    /// Daily demand with a week, of which given days have a multiple.
    private func series(
        _ item: String, days: Int, seed: UInt64, noise: Double = 0.1, events: [DemandEvent] = [],
        factor: (CivilDate) -> Double
    ) -> DemandSeries {
        var generator = SplitMix(seed: seed)
        let week = [1.2, 1.0, 0.9, 1.0, 1.3, 0.6, 0.4]
        let values = (0..<days).map { time in
            let date = CivilDate(daysSinceEpoch: EventEffectTests.start.daysSinceEpoch + time)
            return max(100 * week[date.weekday] * factor(date) * (1 + noise * generator.normal()), 0)
        }
        return DemandSeries(
            key: SeriesKey(item: item), start: Bucket(frequency: .daily, containing: EventEffectTests.start),
            values: values, events: events)
    }

    private func forecasts(
        _ series: [DemandSeries], horizon: Int = 14, holidays: [Holiday] = [], threads: Int? = nil
    ) async throws -> [SeriesForecast] {
        try await ForecastEngine(
            configuration: ForecastConfiguration(
                frequency: .daily, horizon: horizon, holidays: holidays, threads: threads)
        ).forecast(series)
    }

    private func promotions(_ first: [String], knownFrom: CivilDate? = nil) -> [DemandEvent] {
        first.map { text in
            let first = day(text)
            return DemandEvent(
                name: "sale \(text)", kind: .promotion, firstDay: first,
                lastDay: CivilDate(daysSinceEpoch: first.daysSinceEpoch + 4), knownFrom: knownFrom)
        }
    }

    private let pastSales = ["2024-03-04", "2024-06-10", "2024-09-02", "2024-11-11"]

    private func isOnSale(_ date: CivilDate, _ events: [DemandEvent]) -> Bool {
        events.contains { $0.firstDay <= date && date <= $0.lastDay }
    }

    // MARK: Promotions

    @Test func aPromotionToComeIsForecastAsThePastOnesWere() async throws {
        // 2024-01-01 and 400 days: the last day known is 2025-02-03, a Monday.
        let events = promotions(pastSales + ["2025-02-06"])
        let known = series("A", days: 400, seed: 1, events: events) { isOnSale($0, events) ? 2.5 : 1 }
        let with = try await forecasts([known])[0]
        var blind = known
        blind.events = []
        let without = try await forecasts([blind])[0]
        // 2025-02-06 is the third day ahead.
        for step in 2...6 {
            let ratio = with.mean[step] / without.mean[step]
            #expect(ratio > 1.9 && ratio < 2.8, "step \(step): \(ratio)")
        }
        #expect(abs(with.mean[0] / without.mean[0] - 1) < 0.15)
        let event = try #require(with.components.first { $0.name == "event" })
        #expect(event.values[3] > 80)
        #expect(event.values[0] == 0)
    }

    @Test func componentsAddUpToTheMeanAndQuantilesFollowTheEvent() async throws {
        let events = promotions(pastSales + ["2025-02-06"])
        let known = series("A", days: 400, seed: 2, events: events) { isOnSale($0, events) ? 2.5 : 1 }
        let forecast = try await forecasts([known])[0]
        for step in forecast.mean.indices {
            let sum = forecast.components.reduce(0) { $0 + $1.values[step] }
            #expect(abs(sum - forecast.mean[step]) <= 1e-9 * max(1, forecast.mean[step]))
        }
        let levels = forecast.quantileLevels
        let median = levels.firstIndex(of: 0.5)!
        #expect(abs(forecast.quantiles[3 * levels.count + median] / forecast.mean[3] - 1) < 0.2)
    }

    @Test func aBacktestKnowsNoPromotionBeforeItsDay() async throws {
        // The last sale lies where the backtest looks; once always known, once announced on its first day.
        let early = promotions(pastSales + ["2025-01-20"])
        let late = promotions(pastSales) + promotions(["2025-01-20"], knownFrom: day("2025-01-20"))
        let foreseen = series("A", days: 400, seed: 3, noise: 0.05, events: early) { isOnSale($0, early) ? 3 : 1 }
        let sudden = series("A", days: 400, seed: 3, noise: 0.05, events: late) { isOnSale($0, early) ? 3 : 1 }
        let first = try #require(try await forecasts([foreseen])[0].backtest)
        let second = try #require(try await forecasts([sudden])[0].backtest)
        let (one, other) = (try #require(first.model.wape), try #require(second.model.wape))
        #expect(one < 0.6 * other)
        #expect(first.seasonalNaive.wape == second.seasonalNaive.wape)
    }

    // MARK: Closures

    @Test func nothingIsForecastForAClosureAndItsZerosAreNoLowDemand() async throws {
        let closures = [("2024-08-05", "2024-08-18"), ("2025-02-08", "2025-02-10")].map {
            DemandEvent(name: "stocktaking", kind: .closure, firstDay: day($0.0), lastDay: day($0.1))
        }
        let known = series("A", days: 400, seed: 4, events: closures) { isOnSale($0, closures) ? 0 : 1 }
        let forecast = try await forecasts([known])[0]
        let levels = forecast.quantileLevels.count
        for step in 4...6 {
            #expect(forecast.mean[step] == 0)
            #expect(forecast.quantiles[(step * levels)..<((step + 1) * levels)].allSatisfy { $0 == 0 })
        }
        #expect(forecast.mean[7] > 60)
    }

    // MARK: Holidays

    /// Two years and a half of a feast that moves: three days with almost no demand, an eve with twice as much.
    private let feasts = ["2024-02-10", "2024-09-17", "2025-01-29", "2025-10-06", "2026-02-17"]

    private var holidays: [Holiday] {
        feasts.flatMap { text in
            (-1...1).map {
                Holiday(date: CivilDate(daysSinceEpoch: day(text).daysSinceEpoch + $0), name: "feast")
            }
        }
    }

    private func feastFactor(_ date: CivilDate) -> Double {
        for text in feasts {
            let distance = date.daysSinceEpoch - day(text).daysSinceEpoch
            if abs(distance) <= 1 { return 0.1 }
            if (-5 ... -2).contains(distance) && date.weekday < 5 { return 1.8 }
        }
        return 1
    }

    @Test func aMovingFeastIsForecastOnItsDays() async throws {
        // The last day known is 2026-02-08; the feast is from the 16th to the 18th.
        let items = (0..<20).map { series("item \($0)", days: 770, seed: 100 + UInt64($0), factor: feastFactor) }
        let with = try await forecasts(items, holidays: holidays)
        let without = try await forecasts(items)
        var errors = (with: 0.0, without: 0.0)
        let week = [1.2, 1.0, 0.9, 1.0, 1.3, 0.6, 0.4]
        for (seeing, blind) in zip(with, without) {
            for step in 0..<14 {
                let date = CivilDate(daysSinceEpoch: EventEffectTests.start.daysSinceEpoch + 770 + step)
                let truth = 100 * week[date.weekday] * feastFactor(date)
                errors.with += abs(seeing.mean[step] - truth)
                errors.without += abs(blind.mean[step] - truth)
            }
        }
        #expect(errors.with < 0.45 * errors.without)
        #expect(with[0].components.contains { $0.name == "holiday" })
    }

    @Test func whatAllSeriesShowHelpsTheOneWithTooShortAHistory() async throws {
        let many = (0..<20).map { series("item \($0)", days: 770, seed: 200 + UInt64($0), factor: feastFactor) }
        var young = series("young", days: 770, seed: 300, factor: feastFactor)
        // Ten weeks, in which there was no feast.
        young.values.removeFirst(700)
        young.start = young.start.advanced(by: 700)
        let alone = try await forecasts([young], holidays: holidays)[0]
        let together = try await forecasts(many + [young], holidays: holidays)[20]
        // The eighth day ahead is the first of the feast.
        #expect(together.mean[8] < 0.5 * alone.mean[8])
    }

    // MARK: Safety

    @Test func resultsDoNotDependOnThreads() async throws {
        let items = (0..<70).map { series("item \($0)", days: 400, seed: 400 + UInt64($0), factor: feastFactor) }
        let one = try await forecasts(items, holidays: holidays, threads: 1)
        let many = try await forecasts(items, holidays: holidays, threads: 3)
        #expect(one.map(\.mean) == many.map(\.mean))
        #expect(one.map(\.quantiles) == many.map(\.quantiles))
    }

    @Test func anyEventsOnAnySeriesGiveFiniteForecasts() async throws {
        var generator = SplitMix(seed: 5)
        for frequency in Frequency.allCases {
            var batch: [DemandSeries] = []
            for number in 0..<40 {
                let start = Bucket(frequency: frequency, containing: EventEffectTests.start)
                let length = Int(generator.uniform() * 90) + 1
                let values = (0..<length).map { _ in
                    let draw = generator.uniform()
                    return draw < 0.1 ? .nan : draw < 0.4 ? 0 : draw < 0.42 ? 1e300 : 10 * generator.uniform()
                }
                let reach = start.advanced(by: length + 20).firstDay.daysSinceEpoch - start.firstDay.daysSinceEpoch
                let events = (0..<Int(generator.uniform() * 12)).map { index in
                    let first = start.firstDay.daysSinceEpoch + Int(Double(reach) * (generator.uniform() * 1.4 - 0.2))
                    let sizes: [Double?] = [nil, 0, -3, 0.2, 1e300, .nan, .infinity]
                    return DemandEvent(
                        name: "event \(index % 3)", kind: DemandEvent.Kind.allCases[Int(generator.uniform() * 4)],
                        firstDay: CivilDate(daysSinceEpoch: first),
                        lastDay: CivilDate(daysSinceEpoch: first + Int(generator.uniform() * 40)),
                        knownFrom: generator.uniform() < 0.5 ? nil : CivilDate(daysSinceEpoch: first),
                        value: sizes[Int(generator.uniform() * 7)])
                }
                batch.append(
                    DemandSeries(
                        key: SeriesKey(item: "\(number)"), start: start, values: values, events: events))
            }
            let engine = try ForecastEngine(
                configuration: ForecastConfiguration(frequency: frequency, horizon: 9, holidays: holidays))
            for forecast in try await engine.forecast(batch) {
                #expect(forecast.mean.allSatisfy { $0.isFinite && $0 >= 0 })
                #expect(forecast.quantiles.allSatisfy { $0.isFinite && $0 >= 0 })
                for component in forecast.components { #expect(component.values.allSatisfy { $0.isFinite }) }
            }
        }
    }
}
