/// The dynamic optimised theta model on seasonally adjusted data.
///
/// Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, "Models for optimising the theta method and their
/// relationship to state space models", International Journal of Forecasting 32 (2016), equations 3.4 to 3.9:
///
/// ```
/// μ = l + (1 − 1/θ) ((1 − α)^(t−1) A + (1 − (1 − α)^t)/α · B)      l ← αy + (1 − α)l
/// ```
///
/// with A and B the intercept and slope of the line through all values so far. α, θ and the first level are those with the
/// least squared one-step error. The seasonal effects are estimated with them and stay.
struct ThetaModel: FittedModel {
    /// The model before the first value.
    private let start: ThetaState

    /// Fits the first `count` values, at least 4 of them.
    init?(_ history: History, count: Int) {
        guard count >= 4 else { return nil }
        var kind = SeasonalPattern.Kind.none
        var effects: [Double] = []
        if SeasonalityTest.isSeasonal(history.filled, count: count, season: history.season) {
            kind = history.isPositive ? .multiplicative : .additive
            effects = SeasonalEffects.estimate(
                history.values, range: 0..<count, season: history.season, multiplicative: kind == .multiplicative)
        }
        let pattern = SeasonalPattern(kind, effects: effects)
        let search = ThetaSearch(pattern.adjusted(history.values, count: count))
        start = ThetaState(
            line: ThetaLine(alpha: search.alpha, weight: search.weight, level: search.firstLevel), season: pattern)
    }

    var name: String { "theta" }
    var family: ModelFamily { .theta }
    var parameters: NamedValues { ["alpha": start.line.alpha, "theta": 1 / (1 - start.line.weight)] }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        var state = start
        var time = 0
        for origin in origins {
            while time < origin {
                state.advance(history.values[time])
                time += 1
            }
            state.line.forecast(horizon: horizon) { step, mean in
                result.append(mean + state.season.part(of: mean, ahead: step))
            }
        }
        return result
    }

    func state(after history: History) -> ModelState {
        var state = start
        state.advance(over: history.values)
        return .theta(state)
    }
}

/// Where a theta model stands.
struct ThetaState: AdvancingState {
    fileprivate(set) var line: ThetaLine
    fileprivate(set) var season: SeasonalPattern

    mutating func advance(_ value: Double) {
        line.advance(season.adjusted(value))
        season.advance()
    }

    func outlook(horizon: Int) -> Outlook {
        var drift: [Double] = []
        drift.reserveCapacity(horizon)
        line.forecast(horizon: horizon) { _, mean in drift.append(mean - line.level) }
        var outlook = Outlook(
            components: [
                Component(name: "level", values: [Double](repeating: line.level, count: horizon)),
                Component(name: "trend", values: drift),
            ], state: [line.level], stateNames: ["level"])
        season.describe(&outlook, horizon: horizon)
        return outlook
    }
}
