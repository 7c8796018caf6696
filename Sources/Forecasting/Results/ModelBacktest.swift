public import TimeSeries

/// How one model did on one series when run again from each origin, as it would have been at the time.
public struct ModelBacktest: Sendable, Codable, Hashable {
    /// What was forecast.
    public var key: SeriesKey
    /// The model that was asked for, by its name on the command line.
    public var model: String
    /// The model's errors over all folds.
    public var errors: ErrorSummary
    /// The seasonal naive's errors on the same points.
    public var seasonalNaive: ErrorSummary
    /// Every point forecast, by fold and step; missing actuals are left out.
    public var points: [BacktestPoint]
}

/// One forecast of a backtest beside what came.
public struct BacktestPoint: Sendable, Codable, Hashable {
    /// The last bucket the fold knew.
    public var origin: Bucket
    /// The step, from 1.
    public var step: Int
    /// What came.
    public var actual: Double
    /// The mean that was forecast.
    public var mean: Double
    /// The model in use at that origin, as reports name it.
    public var model: String
}
