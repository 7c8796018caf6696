public import Forecasting
public import TimeSeries

/// How far the company's demand has arrived.
public struct DataWatermark: Sendable, Hashable {
    /// The last local day whose demand has arrived completely.
    public var dataThrough: CivilDate
    /// Why the day after is not counted, where it has demand already; `nil` where it has none.
    public var immatureReason: String?

    /// A watermark.
    public init(dataThrough: CivilDate, immatureReason: String? = nil) {
        self.dataThrough = dataThrough
        self.immatureReason = immatureReason
    }
}

/// Reads demand from wherever it is kept.
public protocol DemandReader: Sendable {
    /// How far demand has arrived, by the database's clock; `nil` where there is none at all.
    func watermark() async throws -> DataWatermark?
    /// Every grain's history that a portfolio covers, in ascending order of key, so that the same data always comes in
    /// the same order.
    func histories(of specification: PortfolioSpecification, through: CivilDate) async throws -> [DemandHistory]
    /// The days of a holiday calendar, ascending.
    func holidays(calendar: String) async throws -> [Holiday]
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

/// A retrained portfolio, ready to be stored and published.
public struct TrainedPortfolio: Sendable {
    /// Name of the portfolio: the job that retrains it.
    public var portfolio: String
    /// What it covers and how.
    public var specification: PortfolioSpecification
    /// Levels of the quantiles, ascending.
    public var quantileLevels: [Double]
    /// The last local day of complete data.
    public var dataThrough: CivilDate
    /// SHA-256 over every series' content hash, in key order.
    public var dataHash: String
    /// Version of the code that trained it.
    public var codeVersion: String
    /// The series trained on; same order and count as `forecasts`.
    public var series: [BuiltSeries]
    /// SHA-256 of each series' content; same order and count.
    public var contentHashes: [String]
    /// The model and forecast of each.
    public var forecasts: [SeriesForecast]
    /// Accuracy of the portfolio in its backtest.
    public var accuracy: PortfolioAccuracy
    /// Seconds spent, by phase.
    public var timings: [String: Double]
    /// What a reader should know.
    public var notes: [String]
}

/// What publishing left behind.
public struct PublishedVersion: Sendable, Hashable, Codable {
    /// Number of the model version.
    public var versionID: Int64
    /// Number of the publication.
    public var publicationID: Int64

    /// A receipt.
    public init(versionID: Int64, publicationID: Int64) {
        self.versionID = versionID
        self.publicationID = publicationID
    }
}

/// Keeps model versions and makes forecasts current.
public protocol ForecastRegistry: Sendable {
    /// Stores a version with its lineage and makes its forecasts current, in one transaction: version, forecasts,
    /// champion, audit row and outbox row, or none of them.
    ///
    /// Throws ``PipelineError/staleAttempt`` where the permit's fence is no longer the run's.
    func publish(_ trained: TrainedPortfolio, under permit: WritePermit) async throws -> PublishedVersion
    /// The champion of a portfolio, or `nil` before the first retrain.
    func champion(of portfolio: String) async throws -> Champion?
}

/// The version in use of a portfolio.
public struct Champion: Sendable {
    /// Number of the version.
    public var versionID: Int64
    /// Name of the portfolio.
    public var portfolio: String
    /// What it covers and how.
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
