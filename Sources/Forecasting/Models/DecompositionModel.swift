/// A season taken out by averaging over the cycles, and exponential smoothing of what is left: `mstl` on the command
/// line, after Bandara, Hyndman and Bergmeir, "MSTL" (2021), with local averages in place of loess.
///
/// Unlike exponential smoothing with a season, every bucket of the cycle has one value for all cycles, recent ones
/// counting more, so that two and a half cycles of a long season are enough.
struct DecompositionModel: FittedModel {
    private let rest: ETSFit
    private let season: Int

    /// Fits the first `count` values, at least 4 of them.
    init?(_ history: History, count: Int) {
        guard count >= 4 else { return nil }
        season = history.season
        let effects = DecompositionModel.effects(history, count: count)
        let adjusted = (0..<count).map { history.values[$0] - effects[$0 % effects.count] }
        let request = ETSBatch.Request(
            values: adjusted, count: count, form: ETSForm(.additive, .damped, .none), season: season,
            effort: .brisk)
        guard let fit = ETSBatch.fit([request])[0] else { return nil }
        rest = fit
    }

    var name: String { "mstl" }
    var family: ModelFamily { .mstl }
    var parameters: NamedValues {
        ["alpha": rest.smoothing.alpha, "beta": rest.smoothing.beta, "phi": rest.smoothing.phi]
    }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(origins.count * horizon)
        for origin in origins {
            let effects = DecompositionModel.effects(history, count: origin)
            let state = state(history, origin: origin, effects: effects)
            var growth = 0.0
            var factor = 1.0
            for step in 0..<horizon {
                factor *= rest.smoothing.phi
                growth += factor * state[1]
                result.append(state[0] + growth + effects[(origin + step) % effects.count])
            }
        }
        return result
    }

    func outlook(_ history: History, horizon: Int) -> Outlook {
        let effects = DecompositionModel.effects(history, count: history.count)
        let end = state(history, origin: history.count, effects: effects)
        var trend: [Double] = []
        var growth = 0.0
        var factor = 1.0
        for _ in 0..<horizon {
            factor *= rest.smoothing.phi
            growth += factor * end[1]
            trend.append(growth)
        }
        let ahead = (0..<max(horizon, effects.count)).map { effects[(history.count + $0) % effects.count] }
        return Outlook(
            components: [
                Component(name: "level", values: [Double](repeating: end[0], count: horizon)),
                Component(name: "trend", values: trend),
                Component(name: "season", values: Array(ahead[0..<horizon])),
            ],
            state: [end[0], end[1]] + ahead[0..<effects.count],
            stateNames: ["level", "trend"] + (0..<effects.count).map { "season+\($0 + 1)" })
    }

    /// Level and trend after `origin` values.
    private func state(_ history: History, origin: Int, effects: [Double]) -> [Double] {
        let adjusted = (0..<origin).map { history.values[$0] - effects[$0 % effects.count] }
        var state = rest.initialState
        var errors = [Double](repeating: 0, count: origin)
        let sums = ETSFilter.run(
            rest.form, rest.smoothing, season: 1, state: &state, values: adjusted, range: 0..<origin, errors: &errors)
        return sums == nil ? rest.initialState : state
    }

    /// Effects that sum to 0, by two rounds of trend and season; entry `t mod season` belongs to time `t`.
    private static func effects(_ history: History, count: Int) -> [Double] {
        let season = history.season
        guard season > 1 else { return [0] }
        let values = history.filled
        var effects = [Double](repeating: 0, count: season)
        var adjusted = Array(values[0..<count])
        var trend = adjusted
        for _ in 0..<3 {
            smooth(adjusted, window: season, into: &trend)
            var sums = [Double](repeating: 0, count: season)
            var weights = sums
            // Cycles count by recency: tricube over eleven of them, as STL's seasonal window of 11 does at the end.
            for time in 0..<count where history.values[time] == history.values[time] {
                let age = Double((count - 1 - time) / season) / 11
                let weight = age < 0.95 ? (1 - age * age * age) * (1 - age * age * age) * (1 - age * age * age) : 0
                sums[time % season] += weight * (values[time] - trend[time])
                weights[time % season] += weight
            }
            for phase in 0..<season { effects[phase] = weights[phase] > 0 ? sums[phase] / weights[phase] : 0 }
            let mean = effects.reduce(0, +) / Double(season)
            for phase in 0..<season { effects[phase] -= mean }
            for time in 0..<count { adjusted[time] = values[time] - effects[time % season] }
        }
        return effects
    }

    /// A centred moving average over what of its window lies inside the history.
    private static func smooth(_ values: [Double], window: Int, into result: inout [Double]) {
        var sums = [0.0]
        sums.reserveCapacity(values.count + 1)
        for value in values { sums.append(sums[sums.count - 1] + value) }
        let half = window / 2
        for time in values.indices {
            let low = max(0, time - half)
            let high = min(values.count - 1, time + half)
            result[time] = (sums[high + 1] - sums[low]) / Double(high + 1 - low)
        }
    }
}
