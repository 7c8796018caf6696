public import Forecasting
public import Monitoring
public import TimeSeries

/// How far the company's demand has arrived.
public struct DataWatermark: Sendable, Hashable {
    /// The last local day whose demand has arrived completely.
    public var dataThrough: CivilDate
    /// Why the day after is not counted, where it has demand already; `nil` where it has none.
    public var immatureReason: String?
    /// Sites whose demand has arrived only through an earlier day, with that day: what is not there of them later is
    /// unknown, and not zero.
    public var lateSites: [String: CivilDate]

    /// A watermark.
    public init(dataThrough: CivilDate, immatureReason: String? = nil, lateSites: [String: CivilDate] = [:]) {
        self.dataThrough = dataThrough
        self.immatureReason = immatureReason
        self.lateSites = lateSites
    }

    /// What a reader should know of it, a sentence each.
    public var notes: [String] {
        let late = lateSites.sorted { $0.key < $1.key }
        let named = late.prefix(5).map { "\($0.key) (through \($0.value))" } + (late.count > 5 ? ["others"] : [])
        return [
            immatureReason,
            late.isEmpty
                ? nil
                : "Orders are overdue from \(named.joined(separator: ", ")): the days after that are not counted there.",
        ].compactMap { $0 }
    }
}

/// Reads demand from wherever it is kept.
public protocol DemandReader: Sendable {
    /// How far demand has arrived, by the database's clock; `nil` where there is none at all.
    func watermark() async throws -> DataWatermark?
    /// Hands out every grain's history that a portfolio covers, in ascending order of key, so that the same data always
    /// comes in the same order; `body` takes them shard by shard, so that memory does not grow with the portfolio.
    func withHistories<Result: Sendable>(
        of specification: PortfolioSpecification, through: CivilDate,
        _ body: @Sendable (any HistoryShards) async throws -> Result
    ) async throws -> Result
    /// The histories of the items that new ones in the portfolio's scope are said to be like, always in the same order;
    /// only of new ones that have not been sold for long.
    func likeHistories(
        of specification: PortfolioSpecification, through: CivilDate
    ) async throws -> [LikeItemHistory]
    /// The days of a holiday calendar, ascending.
    func holidays(calendar: String) async throws -> [Holiday]
    /// The events known by now, past and coming, always in the same order.
    func events() async throws -> EventBook
}

/// Histories in ascending order of key, a shard at a time.
public protocol HistoryShards: Sendable {
    /// At most `limit` more, none at the end, and how many there are in all.
    func next(_ limit: Int) async throws -> (histories: [DemandHistory], total: Int)
}

/// The fenced right of one attempt at a run to write.
public struct WritePermit: Sendable, Hashable {
    /// The run.
    public var runID: Int64
    /// The fence of the attempt that holds it.
    public var fence: Int64

    /// A permit.
    public init(runID: Int64, fence: Int64) {
        self.runID = runID
        self.fence = fence
    }
}

/// What is known of a version before the first of its series is trained.
public struct VersionHeader: Sendable {
    /// Name of the portfolio: the job that retrains it.
    public var portfolio: String
    /// What it covers and how.
    public var specification: PortfolioSpecification
    /// Levels of the quantiles, ascending.
    public var quantileLevels: [Double]
    /// The last local day of complete data.
    public var dataThrough: CivilDate
    /// Version of the code that trains it.
    public var codeVersion: String
}

/// One series of a version: what it was trained on, and what came of it.
public struct TrainedSeries: Sendable {
    /// The series as built.
    public var built: BuiltSeries
    /// SHA-256 of its content.
    public var contentHash: String
    /// Model and forecast.
    public var forecast: SeriesForecast
    /// Whether it keeps the choice of models of the version held on to.
    public var holds: Bool
    /// What it was forecast by, where its own history was too short; else empty.
    public var like: [LikeSeries]
}

/// What is known of a version once its last series is trained.
public struct VersionSummary: Sendable {
    /// How many series it has.
    public var seriesCount: Int
    /// SHA-256 over every series' content hash, in key order.
    public var dataHash: String
    /// Accuracy of the portfolio in its backtest.
    public var accuracy: PortfolioAccuracy
    /// Seconds spent, by phase.
    public var timings: [String: Double]
    /// What a reader should know.
    public var notes: [String]
    /// How many series were trained together each time, in key order.
    public var shardSizes: [Int]
    /// The holidays they were trained with.
    public var holidays: [Holiday]
    /// How sure the totals are.
    public var totals: [TotalForecast]
    /// What the gate decided; `nil` for a version that holds on to the champion's models and needs no gate.
    public var verdict: GateVerdict?
}

/// Takes the series of a version that is being made.
public protocol VersionWriter: Sendable {
    /// The champion as the making of the version began; `nil` before the first.
    var champion: EarlierVersion? { get }
    /// What a version uses for each of some series, in their order; not while `add` is under way.
    func incumbents(of keys: [SeriesKey], in version: Int64) async throws -> [Incumbent?]
    /// Stores some series; nobody sees them before the version is published.
    func add(_ series: [TrainedSeries]) async throws
}

/// What a retrain has to know of a version it meets or holds on to.
public struct EarlierVersion: Sendable, Hashable {
    /// Number of the version.
    public var versionID: Int64
    /// What it covers and how.
    public var specification: PortfolioSpecification
    /// Share of actuals inside the 80 % interval in its own backtest; `nil` where it had none.
    public var coverage80: Double?

    /// What is known of a version.
    public init(versionID: Int64, specification: PortfolioSpecification, coverage80: Double?) {
        self.versionID = versionID
        self.specification = specification
        self.coverage80 = coverage80
    }
}

/// What publishing left behind.
public struct PublishedVersion: Sendable, Hashable, Codable {
    /// Number of the model version.
    public var versionID: Int64
    /// Number of the publication.
    public var publicationID: Int64
    /// The version that the gate refused or sent into the shadow, in whose place the champion's models were fitted; `nil` where
    /// there is none.
    public var refusedVersionID: Int64?

    /// A receipt.
    public init(versionID: Int64, publicationID: Int64, refusedVersionID: Int64? = nil) {
        self.versionID = versionID
        self.publicationID = publicationID
        self.refusedVersionID = refusedVersionID
    }
}

/// Keeps model versions and makes forecasts current.
public protocol ForecastRegistry: Sendable {
    /// Stores a version with its lineage and makes its forecasts current, in one transaction: version, forecasts,
    /// champion, audit row and outbox row, or none of them.
    ///
    /// `make` hands over the series, shard by shard, and then the summary; where it throws, nothing stays. A version
    /// whose summary the gate refused, or sent into the shadow, is stored with its forecasts but not published: then `make` hands
    /// over a second one, the champion's models fitted to the same data, which is. The end of a trial is part of the transaction,
    /// and so is the run's, so that no later attempt repeats it. Throws ``PipelineError/staleAttempt`` where the permit's fence is no longer the run's at
    /// the end, and ``PipelineError/championChanged`` where somebody promoted or rolled back meanwhile.
    func publish(
        _ header: VersionHeader, under permit: WritePermit, course: RetrainCourse,
        make: @Sendable (any VersionWriter, Selection) async throws -> VersionSummary
    ) async throws -> PublishedVersion
    /// The version of a portfolio that runs in the shadow; `nil` where none does.
    func shadowTrial(of portfolio: String) async throws -> ShadowTrial?
    /// Whether a portfolio's latest own choice of models was rolled back by itself.
    func isOnProbation(_ portfolio: String) async throws -> Bool
    /// The series of the incident that asked for a run; `nil` where none did.
    func seriesConcerned(by run: Int64) async throws -> Set<SeriesKey>?
    /// The champion of a portfolio, or `nil` before the first retrain.
    func champion(of portfolio: String) async throws -> Champion?
    /// Brings what planners look at in line with the current forecasts: ABC classes and exceptions.
    ///
    /// A transaction of its own, so that the forecasts need not wait for it; repeating it changes nothing.
    func refreshPlanning() async throws
}

/// The version in use of a portfolio.
public struct Champion: Sendable {
    /// Number of the version.
    public var versionID: Int64
    /// Name of the portfolio.
    public var portfolio: String
    /// What the job asked for that made it; the gate may have kept it to another model.
    public var specification: PortfolioSpecification
    /// The last local day of complete data in its current publication.
    public var dataThrough: CivilDate

    /// A champion.
    public init(
        versionID: Int64, portfolio: String, specification: PortfolioSpecification, dataThrough: CivilDate
    ) {
        self.versionID = versionID
        self.portfolio = portfolio
        self.specification = specification
        self.dataThrough = dataThrough
    }
}

/// Tells how published forecasts turned out, once their buckets closed.
public protocol ForecastScoring: Sendable {
    /// Scores the buckets of a portfolio that closed since the last time, and anew those whose demand was corrected; a
    /// bucket that was out of stock is no score.
    func score(portfolio: String) async throws -> MaturedCount
    /// Goes back to the version before, with its forecasts, where what was published since was worse than it on the same
    /// closed buckets, by more than the rules tolerate; returns why, or `nil` where nothing was to be done.
    func rollBackIfWorse(portfolio: String, rules: RollbackRules) async throws -> String?
}

/// How much was scored, in buckets of series.
public struct MaturedCount: Sendable, Hashable {
    /// Scored for the first time.
    public var scored: Int
    /// Scored anew, because what came was corrected.
    public var corrected: Int

    /// What was scored.
    public init(scored: Int, corrected: Int) {
        self.scored = scored
        self.corrected = corrected
    }
}
