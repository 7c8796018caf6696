/// A fitted exponential smoothing form, Holt-Winters among them.
struct ETSModel: FittedModel {
    private let fit: ETSFit
    private let season: Int

    /// A fitted form, ready to forecast a history that begins as the one fitted did.
    init(_ fit: ETSFit, history: History) {
        season = fit.form.season == .none ? 1 : history.season
        self.fit = fit
    }

    var name: String { fit.form.name }
    var family: ModelFamily { .ets }
    var parameters: NamedValues {
        var values: NamedValues = ["alpha": fit.smoothing.alpha]
        if fit.form.trend != .none { values["beta"] = fit.smoothing.beta }
        if fit.form.season != .none { values["gamma"] = fit.smoothing.gamma }
        if fit.form.trend == .damped { values["phi"] = fit.smoothing.phi }
        return values
    }
    var likelihood: Likelihood? {
        Likelihood(
            logLikelihood: fit.logLikelihood, parameters: fit.form.parameterCount(season: season),
            observed: fit.observed)
    }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result = [Double](repeating: 0, count: origins.count * horizon)
        var state = fit.initialState
        var errors = [Double](repeating: 0, count: history.count)
        var time = 0
        for (row, origin) in origins.enumerated() {
            advance(&state, history, from: time, to: origin, errors: &errors)
            time = origin
            ETSFilter.forecast(
                fit.form, phi: fit.smoothing.phi, season: season, state: state, after: origin, horizon: horizon,
                into: &result, at: row * horizon)
        }
        return result
    }

    func state(after history: History) -> ModelState {
        var state = fit.initialState
        var errors = [Double](repeating: 0, count: history.count)
        advance(&state, history, from: 0, to: history.count, errors: &errors)
        return .ets(ETSState(fit.form, fit.smoothing, season: season, state: state, time: history.count))
    }

    /// Moves a state forward; a value the form cannot describe counts as missing.
    private func advance(
        _ state: inout [Double], _ history: History, from start: Int, to end: Int, errors: inout [Double]
    ) {
        guard start < end else { return }
        let before = state
        let sums = ETSFilter.run(
            fit.form, fit.smoothing, season: season, state: &state, values: history.values, range: start..<end,
            errors: &errors)
        guard sums == nil else { return }
        var stepwise = ETSState(fit.form, fit.smoothing, season: season, state: before, time: start)
        stepwise.advance(over: history.values[start..<end])
        state = stepwise.filterState(after: end)
    }
}
