internal import ContentHash
internal import Forecasting
internal import Monitoring
internal import Synchronization
internal import TimeSeries

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
    private var partlyOut = 0
    private var likeItems = 0
    /// Every series so far, added up.
    var totals = Totals()
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
            partlyOut += one.built.adjustments.count { $0 == .partlyOut }
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
        var all = watermark.notes
        if seen > series {
            all.append("\(seen - series) series are not forecast: discontinued, or without demand up to the cut-off.")
        }
        if likeItems > 0 {
            all.append("\(likeItems) new series are forecast by items that they are said to be like.")
        }
        if outOfStock > 0 {
            all.append("\(outOfStock) buckets were out of stock and count as missing, not as zero demand.")
        }
        if partlyOut > 0 {
            all.append("\(partlyOut) buckets were partly out of stock; their demand is scaled up to the whole bucket.")
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
