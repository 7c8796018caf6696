public import Forecasting
public import TimeSeries

/// What a version was trained with, as stored.
public struct VersionSnapshot: Sendable {
    /// What it covers and how.
    public var specification: PortfolioSpecification
    /// Version of the code that trained it.
    public var codeVersion: String
    /// SHA-256 over holidays and every series' content hash, in key order.
    public var dataHash: String
    /// The holidays it knew.
    public var holidays: [Holiday]
    /// How many series were trained together each time, in key order.
    public var shardSizes: [Int]

    /// A snapshot.
    public init(
        specification: PortfolioSpecification, codeVersion: String, dataHash: String, holidays: [Holiday],
        shardSizes: [Int]
    ) {
        self.specification = specification
        self.codeVersion = codeVersion
        self.dataHash = dataHash
        self.holidays = holidays
        self.shardSizes = shardSizes
    }
}

/// One series of a version, as stored: what it was trained on, and what came of it.
public struct StoredSeries: Sendable {
    /// The values and events it was trained on.
    public var series: DemandSeries
    /// SHA-256 of them, as recorded when it was trained.
    public var contentHash: String
    /// What it was forecast by, where its own history was too short; else empty.
    public var like: [LikeSeries]
    /// Buckets from the first one forecast to the first in which the item could be ordered.
    public var bucketsBefore: Int
    /// The choice of models it holds on to; `nil` where it has its own.
    public var held: Incumbent?
    /// The model.
    public var model: String
    /// Names of the parameters.
    public var parameterNames: [String]
    /// Their values.
    public var parameters: [Double]
    /// The end state.
    public var state: [Double]
    /// Mean demand per step.
    public var mean: [Double]
    /// The quantiles, step × level.
    public var quantiles: [Double]
    /// The quantiles of sums, step × level.
    public var cumulativeQuantiles: [Double]
    /// The components of the mean, one after another.
    public var componentValues: [Double]

    /// A stored series.
    public init(
        series: DemandSeries, contentHash: String, like: [LikeSeries] = [], bucketsBefore: Int = 0, held: Incumbent?,
        model: String, parameterNames: [String],
        parameters: [Double], state: [Double], mean: [Double], quantiles: [Double], cumulativeQuantiles: [Double],
        componentValues: [Double]
    ) {
        self.series = series
        self.contentHash = contentHash
        self.like = like
        self.bucketsBefore = bucketsBefore
        self.held = held
        self.model = model
        self.parameterNames = parameterNames
        self.parameters = parameters
        self.state = state
        self.mean = mean
        self.quantiles = quantiles
        self.cumulativeQuantiles = cumulativeQuantiles
        self.componentValues = componentValues
    }
}

/// Reads back what a version was made from.
public protocol SnapshotReader: Sendable {
    /// Hands out a version's snapshot and its series in key order, shard by shard.
    func withSnapshot<Result: Sendable>(
        of version: Int64, _ body: @Sendable (VersionSnapshot, any StoredShards) async throws -> Result
    ) async throws -> Result
}

/// Stored series in ascending order of key.
public protocol StoredShards: Sendable {
    /// At most `limit` more; none at the end.
    func next(_ limit: Int) async throws -> [StoredSeries]
}
