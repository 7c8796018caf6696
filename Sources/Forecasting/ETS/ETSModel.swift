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

    func outlook(_ history: History, horizon: Int) -> Outlook {
        var state = fit.initialState
        var errors = [Double](repeating: 0, count: history.count)
        advance(&state, history, from: 0, to: history.count, errors: &errors)
        let form = fit.form
        var trend = [Double](repeating: 0, count: horizon)
        var seasons = trend
        var factor = 1.0
        var growth = 0.0
        for step in 0..<horizon {
            factor *= fit.smoothing.phi
            growth += factor * state[1]
            trend[step] = growth
            let effect = state[2 + (history.count + step) % season]
            seasons[step] = form.season == .multiplicative ? (state[0] + growth) * (effect - 1) : effect
        }
        var components = [Component(name: "level", values: [Double](repeating: state[0], count: horizon))]
        var names = ["level"]
        var exported = [state[0]]
        if form.trend != .none {
            components.append(Component(name: "trend", values: trend))
            names.append("trend")
            exported.append(state[1])
        }
        let seasonStart = exported.count
        if form.season != .none {
            components.append(Component(name: "season", values: seasons))
            for step in 0..<season {
                names.append("season+\(step + 1)")
                exported.append(state[2 + (history.count + step) % season])
            }
        }
        return Outlook(
            components: components, state: exported, stateNames: names,
            unitless: form.season == .multiplicative ? Set(seasonStart..<exported.count) : [])
    }

    /// Moves a state forward; where a later value leaves what the form can describe, the state stays where it was.
    private func advance(
        _ state: inout [Double], _ history: History, from start: Int, to end: Int, errors: inout [Double]
    ) {
        guard start < end else { return }
        let before = state
        let sums = ETSFilter.run(
            fit.form, fit.smoothing, season: season, state: &state, values: history.values, range: start..<end,
            errors: &errors)
        if sums == nil { state = before }
    }
}
