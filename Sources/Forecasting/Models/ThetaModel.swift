#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// The dynamic optimised theta model on seasonally adjusted data.
///
/// Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, "Models for optimising the theta method and their
/// relationship to state space models", International Journal of Forecasting 32 (2016), equations 3.4 to 3.9:
///
/// ```
/// μ = l + (1 − 1/θ) ((1 − α)^(t−1) A + (1 − (1 − α)^t)/α · B)      l ← αy + (1 − α)l
/// ```
///
/// with A and B the intercept and slope of the line through all values so far. `w = 1 − 1/θ` enters linearly and is what
/// is fitted, with α and the first level, by least squares.
struct ThetaModel: FittedModel {
    /// How the season is taken out.
    private enum Adjustment: Sendable { case none, additive, multiplicative }

    private let adjustment: Adjustment
    private let season: Int
    private let alpha: Double
    private let weight: Double
    private let firstLevel: Double

    /// Fits the first `count` values, at least 4 of them.
    init?(_ history: History, count: Int) {
        guard count >= 4 else { return nil }
        season = history.season
        if SeasonalityTest.isSeasonal(history.filled, count: count, season: history.season) {
            adjustment = history.isPositive ? .multiplicative : .additive
        } else {
            adjustment = .none
        }
        let effects = ThetaModel.effects(history, count: count, adjustment: adjustment)
        let adjusted = ThetaModel.adjust(history.values, count: count, effects: effects, adjustment: adjustment)
        let first = adjusted[0]
        var best: (point: [Double], value: Double) = ([0.3, 0.5, first], .infinity)
        var scratch = [Double](repeating: 0, count: count)
        for alpha in [0.05, 0.2, 0.5, 0.8] {
            for weight in [0.0, 0.5] {
                let point = [alpha, weight, first]
                let value = ThetaModel.residuals(point, adjusted, count: count, into: &scratch)
                if value < best.value { best = (point, value) }
            }
        }
        var point = best.point
        var solver = LeastSquares(unknowns: 3, observations: count)
        _ = solver.minimize(
            &point, lower: [0.01, 0, -1e3], upper: [0.99, 0.999, 1e3], increments: [1e-5, 1e-5, 1e-6],
            limits: .init(iterations: 20, tolerance: 1e-5)
        ) { ThetaModel.residuals($0, adjusted, count: count, into: &$1) }
        alpha = point[0]
        weight = point[1]
        firstLevel = point[2]
    }

    var name: String { "theta" }
    var family: ModelFamily { .theta }
    var parameters: NamedValues { ["alpha": alpha, "theta": 1 / (1 - weight)] }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        for origin in origins {
            let effects = ThetaModel.effects(history, count: origin, adjustment: adjustment)
            let parts = parts(history, origin: origin, effects: effects, horizon: horizon)
            for step in 0..<horizon {
                let base = parts.level + parts.drift[step]
                switch adjustment {
                case .none: result.append(base)
                case .additive: result.append(base + effects[(origin + step) % season])
                case .multiplicative: result.append(base * effects[(origin + step) % season])
                }
            }
        }
        return result
    }

    func outlook(_ history: History, horizon: Int) -> Outlook {
        let effects = ThetaModel.effects(history, count: history.count, adjustment: adjustment)
        let parts = parts(history, origin: history.count, effects: effects, horizon: horizon)
        var components = [
            Component(name: "level", values: [Double](repeating: parts.level, count: horizon)),
            Component(name: "trend", values: parts.drift),
        ]
        var state = [parts.level]
        var names = ["level"]
        if adjustment != .none {
            let values = (0..<horizon).map { step in
                let effect = effects[(history.count + step) % season]
                return adjustment == .additive ? effect : (parts.level + parts.drift[step]) * (effect - 1)
            }
            components.append(Component(name: "season", values: values))
            for step in 0..<season {
                state.append(effects[(history.count + step) % season])
                names.append("season+\(step + 1)")
            }
        }
        return Outlook(
            components: components, state: state, stateNames: names,
            unitless: adjustment == .multiplicative ? Set(1..<state.count) : [])
    }

    /// The level after `origin` values and what the line adds to it at each step.
    private func parts(
        _ history: History, origin: Int, effects: [Double], horizon: Int
    ) -> (level: Double, drift: [Double]) {
        let adjusted = ThetaModel.adjust(history.values, count: origin, effects: effects, adjustment: adjustment)
        var line = ThetaLine(level: firstLevel)
        for value in adjusted { line.advance(value, alpha: alpha, weight: weight) }
        let level = line.level
        var drift: [Double] = []
        drift.reserveCapacity(horizon)
        for _ in 0..<horizon {
            let mean = line.mean(alpha: alpha, weight: weight)
            drift.append(mean - level)
            line.advance(mean, alpha: alpha, weight: weight)
        }
        return (level, drift)
    }

    private static func residuals(
        _ point: [Double], _ values: [Double], count: Int, into result: inout [Double]
    ) -> Double {
        var line = ThetaLine(level: point[2])
        var squares = 0.0
        for time in 0..<count {
            let value = values[time]
            // The line through fewer than three points says nothing yet.
            let error = value == value && time > 2 ? value - line.mean(alpha: point[0], weight: point[1]) : 0
            line.advance(value, alpha: point[0], weight: point[1])
            result[time] = error
            squares += error * error
        }
        return squares
    }

    private static func effects(_ history: History, count: Int, adjustment: Adjustment) -> [Double] {
        guard adjustment != .none else { return [] }
        return SeasonalEffects.estimate(
            history.values, range: 0..<count, season: history.season, multiplicative: adjustment == .multiplicative)
    }

    private static func adjust(
        _ values: [Double], count: Int, effects: [Double], adjustment: Adjustment
    ) -> [Double] {
        switch adjustment {
        case .none: Array(values[0..<count])
        case .additive: (0..<count).map { values[$0] - effects[$0 % effects.count] }
        case .multiplicative: (0..<count).map { values[$0] / effects[$0 % effects.count] }
        }
    }
}

/// The state of the theta model: a smoothed level and the line through all values so far.
private struct ThetaLine {
    var level: Double
    /// Values so far.
    private var time = 0.0
    private var average = 0.0
    private var slope = 0.0
    private var intercept = 0.0
    /// (1 − α)^time.
    private var decay = 1.0

    init(level: Double) { self.level = level }

    /// The mean of the next value.
    func mean(alpha: Double, weight: Double) -> Double {
        guard time > 0 else { return level }
        return level + weight * (decay * intercept + (1 - decay * (1 - alpha)) / alpha * slope)
    }

    /// Takes in the next value; a missing one is taken to be its mean.
    mutating func advance(_ value: Double, alpha: Double, weight: Double) {
        let value = value == value ? value : mean(alpha: alpha, weight: weight)
        let before = average
        time += 1
        average += (value - average) / time
        if time > 1 { slope = ((time - 2) * slope + 6 * (value - before) / time) / (time + 1) }
        intercept = average - slope * (time + 1) / 2
        level = alpha * value + (1 - alpha) * level
        decay *= 1 - alpha
    }
}
