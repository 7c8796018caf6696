internal import ContentHash
internal import Forecasting
internal import Monitoring
internal import Synchronization
internal import TimeSeries

/// Trains a portfolio shard by shard: while one is trained, the next is read and the one before stored.
struct PortfolioTraining: Sendable {
    private let builder: SeriesBuilder
    private let engine: ForecastEngine
    private let shardSize: Int
    private let emptyCalendar: String?
    private let holidays: [Holiday]
    private let specification: PortfolioSpecification
    private let selection: Selection
    private let reader: any DemandReader
    private let threads: Int?
    private let like: LikeItemBook

    /// Series in a shard: enough to keep every core busy, few enough to be no burden on memory.
    private static let usualShard = 2048

    /// A training that chooses models as a selection says; one that holds on to a version takes a specification that does so too.
    init(
        specification: PortfolioSpecification, selection: Selection, watermark: DataWatermark,
        reader: any DemandReader, threads: Int?
    ) async throws {
        builder = SeriesBuilder(
            frequency: specification.frequency, dataThrough: watermark.dataThrough,
            historyLimit: specification.historyLimit, events: try await reader.events())
        var holidays: [Holiday] = []
        if let calendar = specification.holidayCalendar { holidays = try await reader.holidays(calendar: calendar) }
        self.holidays = holidays
        self.specification = specification
        self.selection = selection
        self.reader = reader
        self.threads = threads
        like = LikeItemBook(
            try await reader.likeHistories(of: specification, through: watermark.dataThrough), builder: builder)
        emptyCalendar = holidays.isEmpty ? specification.holidayCalendar : nil
        engine = try ForecastEngine(
            configuration: specification.configuration(holidays: holidays, threads: threads))
        // A model that learns from all series has to see all of them at once.
        shardSize = try specification.modelChoice() == .ridgeGlobal ? .max : PortfolioTraining.usualShard
    }

    /// Trains what the shards hold.
    func run(
        _ shards: any HistoryShards, into writer: any VersionWriter, tally: TrainingTally.Box,
        progress: @escaping @Sendable (Retraining.Progress) -> Void
    ) async throws {
        if let emptyCalendar { tally.update { $0.notes.append("The holiday calendar \(emptyCalendar) is empty.") } }
        tally.update { $0.add(holidays) }
        let rival = try await rival(of: selection.earlier(champion: writer.champion))
        var read: [DemandHistory]
        let total: Int
        (read, total) = try await shards.next(shardSize)
        var trained: [TrainedSeries] = []
        while !read.isEmpty || !trained.isEmpty {
            let (histories, finished) = (read, trained)
            // The writer is idle here: what was handed to it before is stored.
            var incumbents: [Incumbent?]?
            if let rival, !histories.isEmpty {
                incumbents = try await writer.incumbents(of: histories.map(\.key), in: rival.versionID)
            }
            async let next = histories.isEmpty ? ([], 0) : shards.next(shardSize)
            async let stored: Void = writer.add(finished)
            async let current = train(
                histories, incumbents: incumbents, rival: rival, of: total,
                tally: tally, progress: progress)
            trained = try await current
            try await stored
            read = try await next.0
        }
    }

    /// The gate's verdict on what was trained.
    ///
    /// Where the course asks for a shadow, a version that passes is not promoted yet.
    func verdict(_ tally: TrainingTally, champion: EarlierVersion?, course: RetrainCourse) -> GateVerdict {
        guard let champion else {
            return GateVerdict(isPromoted: true, reasons: ["The first version of the portfolio."])
        }
        guard specification.isComparable(to: champion.specification) else {
            return GateVerdict(
                isPromoted: true, reasons: ["Frequency or grain changed: there is nothing to compare."],
                uncompared: tally.series)
        }
        var verdict = Gate(rules: specification.gate, seed: specification.seed).judge(
            tally.paired, uncompared: tally.series - tally.paired.count,
            coverage: (champion.coverage80, tally.accuracy.accuracy.model.coverage80))
        if verdict.isPromoted, case .challenger(_, let buckets) = course.aim, buckets > 0 {
            verdict.isPromoted = false
            verdict.shadow = buckets
            verdict.reasons.append("It runs in the shadow until \(buckets) buckets have closed.")
        }
        return verdict
    }

    /// How an earlier version's choices are run again.
    private struct Rival {
        /// The version.
        var versionID: Int64
        /// The engine that tries them; `nil` where today's does.
        var engine: ForecastEngine?
    }

    /// How the champion is run again: with its own model, season and calendar on today's horizon and origins, so that it meets
    /// the challenger on the same folds also where the job's spec was changed. `nil` where there is nothing to meet or to hold.
    private func rival(of earlier: EarlierVersion?) async throws -> Rival? {
        if case .anew = selection, specification.gate.isOff { return nil }
        guard let earlier, specification.isComparable(to: earlier.specification) else { return nil }
        let changed = specification.holding(earlier.specification)
        guard case .anew = selection, changed != specification else { return Rival(versionID: earlier.versionID) }
        var days: [Holiday] = []
        if let calendar = changed.holidayCalendar { days = try await reader.holidays(calendar: calendar) }
        return Rival(
            versionID: earlier.versionID,
            engine: try ForecastEngine(configuration: changed.configuration(holidays: days, threads: threads)))
    }

    private func train(
        _ histories: [DemandHistory], incumbents: [Incumbent?]?, rival: Rival?, of total: Int,
        tally: TrainingTally.Box,
        progress: @escaping @Sendable (Retraining.Progress) -> Void
    ) async throws -> [TrainedSeries] {
        let clock = ContinuousClock()
        let start = clock.now
        let places = histories.indices.compactMap { place in
            builder.build(histories[place]).map { (place: place, built: $0) }
        }.filter { !$0.built.series.values.isEmpty || !like[$0.built.series.key].isEmpty }
        let built = places.map(\.built)
        let before = tally.value.seen
        let present = incumbents.map { all in
            places.map { place in
                var one = all[place.place]
                one?.isHeld = selection.holds(place.built.series.key)
                return one
            }
        }
        let report: @Sendable (Int) -> Void = { done in
            progress(
                Retraining.Progress(
                    fraction: 0.02 + 0.95 * Double(before + done) / Double(max(total, 1)),
                    message: "trained \(before + done) of \(total) series"))
        }
        let forecasts = try await engine.forecast(
            built.map(\.series), incumbents: rival?.engine == nil ? present : nil, like: likeHistories(for: built),
            progress: report)
        var rivals = forecasts
        if let present, let other = rival?.engine {
            rivals = try await other.forecast(built.map(\.series), incumbents: present)
        }
        let pairs = zip(forecasts, rivals).compactMap { PairedSeries($0, rival: $1) }
        let trained = built.indices.map { index in
            TrainedSeries(
                built: built[index], contentHash: built[index].contentHash, forecast: forecasts[index],
                holds: present?[index]?.isHeld ?? false,
                like: forecasts[index].modelFamily == .likeItems ? like[built[index].series.key] : [])
        }
        tally.update { tally in
            tally.add(trained, pairs, ofSeen: histories.count, configuration: engine.configuration)
            tally.trainSeconds += (clock.now - start) / .seconds(1)
        }
        return trained
    }

    /// What the series that are like others are forecast by, if they are too short themselves.
    private func likeHistories(for built: [BuiltSeries]) -> [SeriesKey: LikeHistories] {
        if like.isEmpty { return [:] }
        var histories: [SeriesKey: LikeHistories] = [:]
        for one in built {
            let series = like[one.series.key]
            guard !series.isEmpty else { continue }
            histories[one.series.key] = LikeHistories(series, stepsBefore: one.bucketsBefore)
        }
        return histories
    }
}

/// What adds up while a portfolio is trained.
struct TrainingTally: Sendable {
    /// Histories looked at.
    private(set) var seen = 0
    /// Series trained.
    private(set) var series = 0
    private var shardSizes: [Int] = []
    private var holidays: [Holiday] = []
    private(set) var accuracy = PortfolioAccuracy.Accumulator()
    /// Series per model.
    private(set) var models: [String: Int] = [:]
    /// Champion and challenger on every series that has both.
    private(set) var paired: [PairedSeries] = []
    private var outOfStock = 0
    private var likeItems = 0
    private var totals = Totals()
    private var hash = SHA256()
    var trainSeconds = 0.0
    var notes: [String] = []

    mutating func add(
        _ trained: [TrainedSeries], _ pairs: [PairedSeries], ofSeen count: Int, configuration: ForecastConfiguration
    ) {
        seen += count
        series += trained.count
        if !trained.isEmpty { shardSizes.append(trained.count) }
        paired += pairs
        for one in trained {
            totals.add(one, configuration: configuration)
            accuracy.add(one.forecast)
            models[one.forecast.model, default: 0] += 1
            outOfStock += one.built.adjustments.count { $0 == .outOfStock }
            hash.update(Array(one.contentHash.utf8))
            for like in one.like { hash.update(like: like) }
            if !one.like.isEmpty { likeItems += 1 }
        }
    }

    /// Counts the calendar to the data the version was trained on.
    mutating func add(_ holidays: [Holiday]) {
        self.holidays = holidays
        for holiday in holidays { hash.update(Array("\(holiday.date) \(holiday.name)\n".utf8)) }
    }

    /// The version's summary; throws where not one series could be trained.
    func summary(
        of watermark: DataWatermark, seconds: Double, verdict: GateVerdict?
    ) throws -> VersionSummary {
        guard series > 0 else {
            throw PipelineError.noDemand(
                "No item in the job's scope has demand up to \(watermark.dataThrough): look at the scope in the job's spec, and at suyo data check."
            )
        }
        return VersionSummary(
            seriesCount: series, dataHash: hash.finish(), accuracy: accuracy.accuracy,
            timings: ["all": seconds, "train": trainSeconds], notes: allNotes(watermark), shardSizes: shardSizes,
            holidays: holidays, totals: totals.forecasts, verdict: verdict)
    }

    /// Everything a reader should know.
    func allNotes(_ watermark: DataWatermark) -> [String] {
        var all: [String] = []
        if let reason = watermark.immatureReason { all.append(reason) }
        if seen > series {
            all.append("\(seen - series) series are not forecast: discontinued, or without demand up to the cut-off.")
        }
        if likeItems > 0 {
            all.append("\(likeItems) new series are forecast by items that they are said to be like.")
        }
        if outOfStock > 0 {
            all.append("\(outOfStock) buckets were out of stock and count as missing, not as zero demand.")
        }
        return all + notes
    }

    /// A tally that tasks share, one after another.
    final class Box: Sendable {
        private let tally = Mutex(TrainingTally())

        var value: TrainingTally { tally.withLock { $0 } }

        func update(_ change: (inout TrainingTally) -> Void) { tally.withLock { change(&$0) } }
    }
}

extension SHA256 {
    /// Counts what a series was forecast by to the data.
    mutating func update(like: LikeSeries) {
        update(Array(like.contentHash.utf8))
        update(like.factor)
    }
}
