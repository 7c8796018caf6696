internal import Forecasting
internal import Monitoring
internal import TimeSeries

/// Checks a portfolio for drift: every series' new buckets against what is usual for it, then all series together; and
/// in the same way its totals, in which a change shows that is too small in each series.
///
/// A series' reference ends some weeks before the first check, so that even that one has something to look at; later ones
/// look at what has come in since, and cost the same however long the history is.
public struct DriftCheck: Sendable {
    private let reader: any DemandReader
    private let forecasts: any ForecastRegistry
    private let registry: any DriftRegistry
    private let threads: Int

    /// Buckets the first check looks at, by how long they are.
    private static func reviewed(_ frequency: Frequency) -> Int {
        switch frequency {
        case .hourly: 336
        case .daily: 56
        case .weekly: 13
        default: 4
        }
    }

    private static let shard = 2048

    /// A check over ports.
    public init(
        reader: any DemandReader, forecasts: any ForecastRegistry, registry: any DriftRegistry, threads: Int? = nil
    ) {
        self.reader = reader
        self.forecasts = forecasts
        self.registry = registry
        self.threads = threads ?? 2
    }

    /// Checks, stores what was found, and returns what became of it.
    ///
    /// Throws ``PipelineError`` and what the ports throw.
    public func run(
        _ specification: DriftSpecification, permit: WritePermit?,
        progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> DriftOutcome {
        guard let champion = try await forecasts.champion(of: specification.portfolio) else {
            throw PipelineError.noDemand(
                "There is no version of a portfolio '\(specification.portfolio)' to check: run suyo jobs run \(specification.portfolio)."
            )
        }
        guard let watermark = try await reader.watermark() else {
            throw PipelineError.noDemand("There is no demand to check: import orders with suyo import orders FILE.")
        }
        let portfolio = champion.specification
        let memory = try await registry.memory(of: specification.portfolio, frequency: portfolio.frequency)
        progress(0.05, "reading demand")
        var (watched, index, arrival) = try await watch(portfolio, watermark, memory, progress)
        let last = arrival.last
        let indexed = index.totals
        var totals = watch(indexed, portfolio, memory)
        var reasons = watermark.notes + [arrival.complaint].compactMap { $0 }
        progress(0.6, "looking at forecast errors")
        let steps = min(max(portfolio.season, 1), 7)
        if let first = watched.compactMap(\.firstNew).min(), first <= last {
            let predictions = try await registry.predictions(
                of: specification.portfolio, from: first, through: last, steps: steps)
            for index in watched.indices { watched[index].take(predictions[watched[index].key], from: first) }
        }
        if let first = totals.compactMap(\.firstNew).min(), first <= last {
            let predictions = try await registry.totalPredictions(
                of: specification.portfolio, from: first, through: last, steps: steps)
            for (place, (key, total)) in indexed.enumerated() {
                let forecasts = predictions[key]?.enumerated().map { step, forecast in
                    forecast.flatMap { total.prediction($0, of: first.advanced(by: step)) }
                }
                totals[place].take(forecasts, from: first)
            }
        }
        watched = await advance(watched, through: last)
        totals = await advance(totals, through: last)
        let buckets = watched.map(\.evidence.count).max() ?? 0
        // Two families: among thousands of series the few totals would have to be as sure as one of these.
        name(&watched, last: last, level: FalseDiscovery.level, budget: AlarmState.budget)
        name(&totals, last: last, level: FalseDiscovery.levelOfTotals, budget: FalseDiscovery.budgetOfTotals)
        if buckets == 0 {
            reasons.append("Nothing has come in since \(last), so nothing was judged.")
        }
        progress(0.9, "storing what was found")
        let series = watched.map { $0.drift(champion.versionID) }
        let ofTotals = totals.map { $0.drift(champion.versionID) }
        let report = DriftReport(
            portfolio: specification.portfolio, versionID: champion.versionID, follows: memory.lastCheck,
            dataThrough: last.lastDay, buckets: buckets, series: series, totals: ofTotals,
            reason: reasons.isEmpty ? nil : reasons.joined(separator: " "), answered: Set(memory.answered.keys),
            answeredTotals: Set(memory.answeredTotals.keys), specification: specification,
            summary: DriftSummary.sentence(series, ofTotals))
        return try await registry.save(report, under: permit)
    }

    /// Every total with its monitor and what is new.
    private func watch(
        _ totals: [(key: TotalKey, total: DemandIndex.Total)], _ portfolio: PortfolioSpecification,
        _ memory: DriftMemory
    ) -> [Watched<TotalKey>] {
        let calendar = SeriesCalendar(frequency: portfolio.frequency, season: portfolio.season)
        return totals.map { key, total in
            Watched(
                key, start: total.start, total.observations, memory: memory.totals[key],
                answered: memory.answeredTotals[key], calendar: calendar,
                reviewed: memory.totals[key] == nil ? DriftCheck.reviewed(portfolio.frequency) : 0)
        }
    }

    /// Every series with its monitor and what is new.
    private func watch(
        _ portfolio: PortfolioSpecification, _ watermark: DataWatermark, _ memory: DriftMemory,
        _ progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> ([Watched<SeriesKey>], DemandIndex, Arrival) {
        let builder = SeriesBuilder(
            frequency: portfolio.frequency, dataThrough: watermark.dataThrough, lateSites: watermark.lateSites,
            historyLimit: portfolio.historyLimit,
            events: try await reader.events())
        var holidays: [Holiday] = []
        if let calendar = portfolio.holidayCalendar { holidays = try await reader.holidays(calendar: calendar) }
        let mask = DriftMask(holidays: holidays, frequency: portfolio.frequency)
        let calendar = SeriesCalendar(frequency: portfolio.frequency, season: portfolio.season)
        let last = builder.lastCompleteBucket
        let reviewed = memory.series.isEmpty ? DriftCheck.reviewed(portfolio.frequency) : 0
        // As long as the company's reference lasts, what is usual stays what it was in it.
        let weighedThrough =
            memory.totals[TotalKey(level: .company)]?.referenceThrough
            ?? last.advanced(by: -DriftCheck.reviewed(portfolio.frequency))
        let threads = threads
        return try await reader.withHistories(of: portfolio, through: watermark.dataThrough) { shards in
            var watched: [Watched<SeriesKey>] = []
            var index = DemandIndex(through: last, weighedThrough: weighedThrough)
            var arrival = Arrival(last: last, season: calendar.phases)
            while true {
                let (histories, total) = try await shards.next(DriftCheck.shard)
                if histories.isEmpty { return (watched, index, arrival) }
                let built = histories.compactMap { builder.build($0) }
                let found = await Parallel.map(built, threads: threads) { one in
                    let observations = mask.observations(one)
                    let key = one.series.key
                    return (
                        Watched(
                            key, start: one.series.start, observations, memory: memory.series[key],
                            answered: memory.answered[key], calendar: calendar, reviewed: reviewed), observations
                    )
                }
                for (one, (series, observations)) in zip(built, found) {
                    arrival.add(one)
                    index.add(one.series.key, category: one.category, start: one.series.start, observations)
                    watched.append(series)
                }
                progress(
                    0.05 + 0.5 * Double(watched.count) / Double(max(total, 1)),
                    "looked at \(watched.count) of \(total) series")
            }
        }
    }

    private func advance<Key>(_ watched: [Watched<Key>], through last: Bucket) async -> [Watched<Key>] {
        await Parallel.map(watched, threads: threads) { one in
            var one = one
            one.advance(through: last)
            return one
        }
    }

    /// Goes through the new buckets one after another, all of them at once, so that several days at a time are judged
    /// exactly as one by one.
    private func name<Key>(
        _ watched: inout [Watched<Key>], last: Bucket, level: Double, budget: Double
    ) {
        let deepest = watched.map(\.evidence.count).max() ?? 0
        for back in (0..<deepest).reversed() {
            let places = watched.indices.filter {
                watched[$0].evidence.count > back && watched[$0].evidence[watched[$0].evidence.count - 1 - back] != nil
            }
            let evidence = places.map { watched[$0].evidence[watched[$0].evidence.count - 1 - back]! }
            // Those named already would keep the bar low for the others as long as they are.
            let open = places.indices.filter { !watched[places[$0]].isNamed }
            let named = Set(
                FalseDiscovery.named(
                    open.map { evidence[$0] }, year: SeriesCalendar(frequency: last.frequency, season: 1).year,
                    level: level, budget: budget
                ).map { open[$0] })
            for (index, place) in places.enumerated() {
                watched[place].name(evidence[index], isEnough: named.contains(index), back: back)
            }
        }
    }
}
