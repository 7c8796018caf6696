internal import ContentHash
internal import Forecasting
internal import Monitoring
internal import Synchronization
internal import TimeSeries

/// What a retrain makes of histories: shards to be trained, and of what came of them the series of a version.
struct PortfolioTraining: Sendable {
    private let builder: SeriesBuilder
    private let engine: EngineIdentity
    /// How every series, and every total, is forecast.
    let configuration: ForecastConfiguration
    /// Histories in a shard at most.
    let shardSize: Int
    private let emptyCalendar: String?
    private let holidays: [Holiday]
    private let specification: PortfolioSpecification
    private let selection: Selection
    private let reader: any DemandReader
    private let like: LikeItemBook

    /// Series in a shard: enough to keep every core busy, few enough to be no burden on memory.
    private static let usualShard = 2048

    /// A training that chooses models as a selection says; one that holds on to a version takes a specification that does so too.
    init(
        specification: PortfolioSpecification, selection: Selection, watermark: DataWatermark,
        reader: any DemandReader, engine: EngineIdentity, shardSize: Int? = nil
    ) async throws {
        builder = SeriesBuilder(
            frequency: specification.frequency, dataThrough: watermark.dataThrough, lateSites: watermark.lateSites,
            historyLimit: specification.historyLimit, events: try await reader.events())
        var holidays: [Holiday] = []
        if let calendar = specification.holidayCalendar { holidays = try await reader.holidays(calendar: calendar) }
        self.holidays = holidays
        self.specification = specification
        self.selection = selection
        self.reader = reader
        self.engine = engine
        like = LikeItemBook(
            try await reader.likeHistories(of: specification, through: watermark.dataThrough), builder: builder)
        emptyCalendar = holidays.isEmpty ? specification.holidayCalendar : nil
        configuration = try specification.configuration(holidays: holidays, threads: nil)
        try configuration.validate()
        // A model that learns from all series has to see all of them at once.
        self.shardSize =
            try specification.modelChoice() == .ridgeGlobal ? .max : shardSize ?? PortfolioTraining.usualShard
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
    struct Rival {
        /// The version.
        fileprivate var versionID: Int64
        /// How it tries them; `nil` where as today.
        fileprivate var configuration: ForecastConfiguration?
    }

    /// How the champion is run again: with its own model, season and calendar on today's horizon and origins, so that it meets
    /// the challenger on the same folds also where the job's spec was changed. `nil` where there is nothing to meet or to hold.
    func rival(of champion: EarlierVersion?) async throws -> Rival? {
        if case .anew = selection, specification.gate.isOff { return nil }
        guard let earlier = selection.earlier(champion: champion),
            specification.isComparable(to: earlier.specification)
        else { return nil }
        let changed = specification.holding(earlier.specification)
        guard case .anew = selection, changed != specification else { return Rival(versionID: earlier.versionID) }
        var days: [Holiday] = []
        if let calendar = changed.holidayCalendar { days = try await reader.holidays(calendar: calendar) }
        return Rival(
            versionID: earlier.versionID, configuration: try changed.configuration(holidays: days, threads: nil))
    }

    /// Builds what was read, and looks up what the rival uses for it; not while the writer stores something.
    func prepare(
        _ histories: [DemandHistory], against rival: Rival?, _ writer: any VersionWriter
    ) async throws -> PreparedShard {
        var incumbents: [Incumbent?]?
        if let rival { incumbents = try await writer.incumbents(of: histories.map(\.key), in: rival.versionID) }
        let places = histories.indices.compactMap { place in
            builder.build(histories[place]).map { (place: place, built: $0) }
        }.filter { !$0.built.series.values.isEmpty || !like[$0.built.series.key].isEmpty }
        let present = incumbents.map { all in
            places.map { place in
                var one = all[place.place]
                one?.isHeld = selection.holds(place.built.series.key)
                return one
            }
        }
        let built = places.map(\.built)
        return PreparedShard(
            seen: histories.count, built: built,
            shard: TrainingShard(
                engine: engine, configuration: configuration, rival: rival?.configuration,
                series: built.map(\.series), incumbents: present, like: likeHistories(for: built)))
    }

    /// The series of a shard with what came of them, counted; shards are counted in key order.
    func collect(_ prepared: PreparedShard, _ outcome: ShardOutcome, _ tally: TrainingTally.Box) -> [TrainedSeries] {
        let trained = prepared.built.indices.map { index in
            let (built, forecast) = (prepared.built[index], outcome.forecasts[index])
            return TrainedSeries(
                built: built, contentHash: built.contentHash, forecast: forecast,
                holds: prepared.shard.incumbents?[index]?.isHeld ?? false,
                like: forecast.modelFamily == .likeItems ? like[built.series.key] : [])
        }
        tally.update {
            $0.add(trained, outcome.pairs, ofSeen: prepared.seen, configuration: configuration)
            $0.trainSeconds += outcome.seconds
        }
        return trained
    }

    /// What is known before the first series, counted.
    func begin(_ tally: TrainingTally.Box) {
        tally.update {
            if let emptyCalendar { $0.notes.append("The holiday calendar \(emptyCalendar) is empty.") }
            $0.add(holidays)
        }
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

/// A shard that was read, and is yet to be trained.
struct PreparedShard: Sendable {
    /// Histories that were looked at.
    var seen: Int
    /// The series that are trained, as built.
    var built: [BuiltSeries]
    /// What is to be trained.
    var shard: TrainingShard
}
