/// One grain's demand per bucket, with missing observations as NaN.
public struct DemandSeries: Sendable, Codable {
    /// What the series is of.
    public var key: SeriesKey
    /// The bucket of `values[0]`.
    public var start: Bucket
    /// Demand per bucket in base units; NaN is a missing observation (stock-out, closed, immature), never zero demand.
    public var values: [Double]
    /// What is known to move this demand, past and coming, in any order.
    public var events: [DemandEvent]

    /// A series of consecutive buckets.
    public init(key: SeriesKey, start: Bucket, values: [Double], events: [DemandEvent] = []) {
        self.key = key
        self.start = start
        self.values = values
        self.events = events
    }

    /// The bucket of the last value; the bucket before `start` for an empty series.
    public var origin: Bucket { start.advanced(by: values.count - 1) }
}
