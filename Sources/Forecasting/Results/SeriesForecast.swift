public import TimeSeries

/// The kind of model behind a forecast.
public enum ModelFamily: String, Sendable, Codable, CaseIterable {
    case naive
    case seasonalNaive = "seasonal-naive"
    case mean
    case ets
    case theta
    case mstl
    case ridge
    case croston
    case combination
    case likeItems = "like-items"
}

/// The forecast of one series, with all that is needed to store, explain and judge it.
///
/// Every number is finite. With `nonNegative` no mean and no quantile is below 0.
public struct SeriesForecast: Sendable, Codable, Hashable {
    /// What is forecast.
    public var key: SeriesKey
    /// The last bucket the forecast knows; step 1 is the bucket after it.
    public var origin: Bucket
    /// The model as reports name it, such as `ETS(A,Ad,M)` or `ridge`.
    public var model: String
    /// The kind of model.
    public var modelFamily: ModelFamily
    /// The fitted parameters, such as `alpha`, `beta`, `gamma`, `phi` or `lambda`.
    public var parameters: NamedValues
    /// The end state, in the order `stateNames` gives.
    public var state: [Double]
    /// What each entry of `state` is, such as `level`, `trend`, `season+1` (the season of the step after the origin).
    public var stateNames: [String]
    /// The expected demand per step; `horizon` values.
    public var mean: [Double]
    /// The quantile levels, ascending.
    public var quantileLevels: [Double]
    /// The quantiles, row-major, step × level; they ascend within each step.
    public var quantiles: [Double]
    /// The quantiles of the sum of demand over steps 1…k, row-major, step × level, in the unit of demand; they ascend
    /// within each step. `nil` unless the configuration asks for them.
    public var cumulativeQuantiles: [Double]?
    /// The parts of the mean.
    public var components: [Component]
    /// The log-likelihood as R's `forecast::ets` gives it, constants dropped; `nil` for models without one.
    public var logLikelihood: Double?
    /// Akaike's criterion, corrected for small samples; `nil` for models without a likelihood or with too few observations.
    public var aicc: Double?
    /// Observations that are not missing.
    public var observations: Int
    /// How the demand arrives.
    public var demandClass: DemandClass
    /// How the model did on rolling origins; `nil` where the series is too short for a single fold.
    public var backtest: BacktestResult?
    /// What a person should know: fallbacks, gaps, odd values.
    public var notes: [String]
    /// The model to go on with; `nil` unless the configuration keeps it.
    public var fitted: FittedForecast?

    /// The quantile of a step (from 1) at one of `quantileLevels`; `nil` for another level or step.
    public func quantile(step: Int, level: Double) -> Double? {
        guard mean.indices.contains(step - 1), let column = quantileLevels.firstIndex(of: level) else { return nil }
        return quantiles[(step - 1) * quantileLevels.count + column]
    }

    /// The quantile of the sum of demand over steps 1…`step` at one of `quantileLevels`; `nil` for another level or step,
    /// or where none were asked for.
    public func cumulativeQuantile(step: Int, level: Double) -> Double? {
        guard let cumulativeQuantiles, mean.indices.contains(step - 1),
            let column = quantileLevels.firstIndex(of: level)
        else { return nil }
        return cumulativeQuantiles[(step - 1) * quantileLevels.count + column]
    }
}
