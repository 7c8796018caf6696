/// How a forecast did on rolling origins, beside the seasonal naive on the same points.
///
/// Parameters are fitted only on what lies before the first origin; at each later origin the state is advanced, not
/// refitted.
public struct BacktestResult: Sendable, Codable, Hashable {
    /// The model's errors.
    public var model: ErrorSummary
    /// The seasonal naive's errors on the same points (the naive's, where the season is 1).
    public var seasonalNaive: ErrorSummary
    /// The expected scaled loss of each candidate that was tried, best first.
    public var candidates: NamedValues
    /// The folds, earliest origin first.
    public var folds: [BacktestFold]
    /// The model's mean absolute scaled error at each step; NaN-free, and shorter than the horizon where no fold reached.
    public var stepErrors: [Double]
    /// How an earlier choice does on the same folds; `nil` where none was given, or its models can be tried no more.
    public var incumbent: IncumbentBacktest?
}

/// One origin of a backtest.
public struct BacktestFold: Sendable, Codable, Hashable {
    /// How many buckets of the series, from its start, were known.
    public var known: Int
    /// Steps forecast and scored from there.
    public var steps: Int
    /// The model's mean absolute scaled error on the fold.
    public var modelError: Double
    /// The seasonal naive's.
    public var seasonalNaiveError: Double
    /// Sum of |actual − forecast| of the model, in the unit of demand.
    public var absoluteError: Double
    /// Actual − forecast per step up to the end of the history, in the unit of demand; 0 where a bucket is missing.
    public var errors: [Double]
}

/// Errors over all scored points of a backtest, as sums that can be added over series.
public struct ErrorSummary: Sendable, Codable, Hashable {
    /// Scored points.
    public var count: Int
    /// Sum of |actual − forecast|, the numerator of WAPE.
    public var absoluteError: Double
    /// Sum of |actual|, the denominator of WAPE and bias.
    public var absoluteActual: Double
    /// Sum of forecast − actual, the numerator of bias; positive is over-forecasting.
    public var signedError: Double
    /// Mean |error| over the in-sample mean absolute seasonal difference.
    public var mase: Double
    /// Root of the mean squared error over the in-sample mean squared seasonal difference.
    public var rmsse: Double
    /// Sum over points and levels of the pinball loss, divided by the number of levels: a numerator over
    /// `absoluteActual`. 0 where no quantiles were made.
    public var pinball: Double
    /// The share of points inside the central 80 % interval; 0 where no quantiles were made.
    public var coverage80: Double
    /// The share of points inside the central 95 % interval; 0 where no quantiles were made.
    public var coverage95: Double

    /// Weighted absolute percentage error as a ratio; `nil` where all actuals are zero.
    public var wape: Double? { absoluteActual > 0 ? absoluteError / absoluteActual : nil }
    /// Signed error over the sum of actuals; `nil` where all actuals are zero.
    public var bias: Double? { absoluteActual > 0 ? signedError / absoluteActual : nil }
}
