/// A model whose parameters are known, ready to forecast from any point of a history.
///
/// Fitting and forecasting are apart, so that a backtest can fit on what lies before the first origin and then only
/// advance the state. All a fit learns stays as it was, seasonal effects included: an origin later than the fit changes
/// the state and nothing else.
protocol FittedModel: Sendable {
    /// The name in reports, such as `ETS(A,Ad,M)`.
    var name: String { get }
    /// The name among candidates, which tells two of one name apart.
    var candidateName: String { get }
    /// The kind of model.
    var family: ModelFamily { get }
    /// The fitted parameters, in the unit of the history given to the fit.
    var parameters: NamedValues { get }
    /// The likelihood and the number of parameters it counts, where the model has one.
    var likelihood: Likelihood? { get }

    /// Means of steps 1…`horizon` from each origin, row-major, origin × step.
    ///
    /// An origin is how many values are known, ascending; nothing at or past it is looked at.
    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double]

    /// Where the model stands after the whole history, ready to take in what comes next.
    func state(after history: History) -> ModelState
}

extension FittedModel {
    var candidateName: String { name }
    var likelihood: Likelihood? { nil }

    /// The forecast from the end of the history, taken apart.
    func outlook(_ history: History, horizon: Int) -> Outlook { state(after: history).outlook(horizon: horizon) }
}

/// A likelihood with what an information criterion needs.
struct Likelihood: Sendable {
    /// Constants dropped, as in R's `forecast::ets`.
    var logLikelihood: Double
    /// Smoothing parameters, free initial states and the variance.
    var parameters: Int
    /// Observations that are not missing.
    var observed: Int

    /// Akaike's criterion, corrected: `−2 log L + 2k + 2k(k + 1)/(n − k − 1)`; `nil` where n ≤ k + 1.
    var corrected: Double? {
        let number = Double(parameters)
        let freedom = Double(observed) - number - 1
        return freedom > 0 ? -2 * logLikelihood + 2 * number + 2 * number * (number + 1) / freedom : nil
    }
}

/// A forecast taken apart: components whose sum is the mean, and the state behind it.
struct Outlook: Sendable {
    /// The parts; each has a value per step.
    var components: [Component]
    /// The end state, in the unit of the history.
    var state: [Double] = []
    /// What each entry of `state` is.
    var stateNames: [String] = []
    /// Which entries of `state` carry no unit, such as multiplicative seasons.
    var unitless: Set<Int> = []
}

extension Outlook {
    /// The same level at every step.
    init(level: Double, horizon: Int) {
        self.init(
            components: [Component(name: "level", values: [Double](repeating: level, count: horizon))], state: [level],
            stateNames: ["level"])
    }
}
