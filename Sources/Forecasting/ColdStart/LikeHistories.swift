public import TimeSeries

/// What a series with next to no history is forecast by: the histories of items like it.
public struct LikeHistories: Sendable, Codable {
    /// The histories, in the unit of the series and at its height: best from the first bucket each was sold in.
    public var series: [DemandSeries]
    /// Steps of the forecast before the first bucket the item can be ordered in; 0 for one that can be by now.
    public var stepsBefore: Int

    /// Histories to go by.
    public init(_ series: [DemandSeries], stepsBefore: Int = 0) {
        precondition(stepsBefore >= 0, "an item begins at some step")
        self.series = series
        self.stepsBefore = stepsBefore
    }
}
