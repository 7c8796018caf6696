public import Monitoring
public import TimeSeries

/// What a portfolio's last check left behind.
public struct DriftMemory: Sendable {
    /// What is known of one series or total.
    public struct Monitored: Sendable {
        /// The monitor as numbers; empty where it abstained.
        public var state: [Double]
        /// The champion when its reference was taken.
        public var versionID: Int64
        /// First bucket the reference may hold; `nil` is the first there is.
        public var referenceFrom: Bucket?
        /// Last bucket of the reference; `nil` where it abstained.
        public var referenceThrough: Bucket?

        /// What was stored.
        public init(state: [Double], versionID: Int64, referenceFrom: Bucket?, referenceThrough: Bucket?) {
            self.state = state
            self.versionID = versionID
            self.referenceFrom = referenceFrom
            self.referenceThrough = referenceThrough
        }
    }

    /// The last check; `nil` before the first.
    public var lastCheck: Int64?
    /// Every series the last check saw.
    public var series: [SeriesKey: Monitored]
    /// Every total the last check saw.
    public var totals: [TotalKey: Monitored]
    /// Series of the open incident whose change the retrain it asked for was trained on, and since when each has changed.
    public var answered: [SeriesKey: Bucket]
    /// The same of totals.
    public var answeredTotals: [TotalKey: Bucket]

    /// What was stored of a portfolio.
    public init(
        lastCheck: Int64?, series: [SeriesKey: Monitored], totals: [TotalKey: Monitored],
        answered: [SeriesKey: Bucket], answeredTotals: [TotalKey: Bucket]
    ) {
        self.lastCheck = lastCheck
        self.series = series
        self.totals = totals
        self.answered = answered
        self.answeredTotals = answeredTotals
    }
}

/// How a series or total stands after a check, by the names reports use.
public enum DriftStanding: String, Sendable {
    /// No sign.
    case ok
    /// Its own alarm stands; among many some always do.
    case watch
    /// The portfolio's incident names it.
    case drifting
    /// No reference yet.
    case abstains
}

/// How one series, or one total, stands after a check.
public struct Drift<Key: Hashable & Sendable>: Sendable {
    /// What it is of.
    public var key: Key
    /// How it stands.
    public var standing: DriftStanding
    /// What speaks loudest, since when and how sure; `nil` where it abstains.
    public var finding: SeriesMonitor.Finding?
    /// How its last residuals are spread; `nil` where there are too few.
    public var distances: DistributionDistances?
    /// Why it abstains.
    public var reason: String?
    /// Last bucket looked at.
    public var through: Bucket
    /// What the next check goes on from.
    public var memory: DriftMemory.Monitored
}

/// What a check found, to be stored in one transaction.
public struct DriftReport: Sendable {
    /// The portfolio.
    public var portfolio: String
    /// The champion.
    public var versionID: Int64
    /// The check this one follows.
    public var follows: Int64?
    /// Last day judged.
    public var dataThrough: CivilDate
    /// Buckets that no check had seen before.
    public var buckets: Int
    /// Every series.
    public var series: [Drift<SeriesKey>]
    /// Every total.
    public var totals: [Drift<TotalKey>]
    /// Why a day was not judged.
    public var reason: String?
    /// Series the incident's retrain has answered.
    public var answered: Set<SeriesKey>
    /// Totals it has answered.
    public var answeredTotals: Set<TotalKey>
    /// What an incident is told to do.
    public var specification: DriftSpecification
    /// What changed, in a sentence; `nil` where nothing did.
    public var summary: String?
}

/// What became of a check.
public struct DriftOutcome: Sendable, Codable, Hashable {
    /// Number of the check.
    public var checkID: Int64
    /// Last local day judged.
    public var dataThrough: String
    /// Buckets that no check had seen before.
    public var buckets: Int
    /// Series in the portfolio.
    public var series: Int
    /// Series with a reference.
    public var judged: Int
    /// Series whose own alarm stands.
    public var alarms: Int
    /// Series the incident names.
    public var named: Int
    /// Totals of sites, categories and the whole portfolio.
    public var totals: Int
    /// Totals the incident names.
    public var namedTotals: Int
    /// The incident that is not resolved; `nil` where there is none.
    public var incidentID: Int64?
    /// Whether this check opened it.
    public var isNew: Bool
    /// The retrain this check asked for.
    public var retrainRunID: Int64?
    /// What a reader should know.
    public var notes: [String]

    /// An outcome.
    public init(
        checkID: Int64, dataThrough: String, buckets: Int, series: Int, judged: Int, alarms: Int, named: Int,
        totals: Int, namedTotals: Int, incidentID: Int64?, isNew: Bool, retrainRunID: Int64?, notes: [String]
    ) {
        self.checkID = checkID
        self.dataThrough = dataThrough
        self.buckets = buckets
        self.series = series
        self.judged = judged
        self.alarms = alarms
        self.named = named
        self.totals = totals
        self.namedTotals = namedTotals
        self.incidentID = incidentID
        self.isNew = isNew
        self.retrainRunID = retrainRunID
        self.notes = notes
    }
}

/// Keeps what monitors know, and incidents.
public protocol DriftRegistry: Sendable {
    /// What the last check of a portfolio left behind.
    func memory(of portfolio: String, frequency: Frequency) async throws -> DriftMemory
    /// What was published for each of the buckets before it began, by the latest publication that was at most `steps`
    /// buckets old; one entry per bucket.
    func predictions(
        of portfolio: String, from first: Bucket, through last: Bucket, steps: Int
    ) async throws -> [SeriesKey: [Prediction?]]
    /// The same of the portfolio's totals; their mean is taken to be the median.
    func totalPredictions(
        of portfolio: String, from first: Bucket, through last: Bucket, steps: Int
    ) async throws -> [TotalKey: [Prediction?]]
    /// Stores a check: how each series stands, and what becomes of the incident, with the retrain it asks for, in one
    /// transaction; with a permit it also marks the run as done.
    ///
    /// Throws ``PipelineError/staleAttempt`` where the permit's fence is no longer the run's, or another check of the
    /// portfolio went in between.
    func save(_ report: DriftReport, under permit: WritePermit?) async throws -> DriftOutcome
}
