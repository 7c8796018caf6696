/// A season taken out by averaging over the cycles, and exponential smoothing of what is left: `mstl` on the command
/// line, after Bandara, Hyndman and Bergmeir, "MSTL" (2021), with local averages in place of loess.
///
/// Unlike exponential smoothing with a season, every bucket of the cycle has one value for all cycles, recent ones
/// counting more, so that two and a half cycles of a long season are enough.
struct DecompositionModel: FittedModel {
    private let smoothing: ETSSmoothing
    /// Level and trend before the first value, laid out as `ETSFilter` has them.
    private let initialState: [Double]
    private let season: SeasonalPattern

    private static let form = ETSForm(.additive, .damped, .none)

    /// Fits the first `count` values, at least 4 of them.
    init?(_ history: History, count: Int) {
        guard count >= 4 else { return nil }
        season =
            history.season > 1
            ? SeasonalPattern(.additive, effects: DecompositionModel.effects(history, count: count))
            : SeasonalPattern(.none, effects: [])
        let search = DampedTrendSearch(
            season.adjusted(history.values, count: count),
            largestShare: ETSFit.Effort.brisk.largestTrendShare(
                ETSForm(.additive, .damped, .none), season: history.season))
        smoothing = search.smoothing
        initialState = [search.firstLevel, search.firstTrend, 0]
    }

    var name: String { "mstl" }
    var family: ModelFamily { .mstl }
    var parameters: NamedValues {
        ["alpha": smoothing.alpha, "beta": smoothing.beta, "phi": smoothing.phi]
    }

    func rollingForecasts(_ history: History, origins: [Int], horizon: Int) -> [Double] {
        guard let last = origins.last else { return [] }
        let adjusted = season.adjusted(history.values, count: last)
        var result = [Double](repeating: 0, count: origins.count * horizon)
        var state = initialState
        var errors = [Double](repeating: 0, count: last)
        var time = 0
        for (row, origin) in origins.enumerated() {
            _ = ETSFilter.run(
                DecompositionModel.form, smoothing, season: 1, state: &state, values: adjusted, range: time..<origin,
                errors: &errors)
            time = origin
            ETSFilter.forecast(
                DecompositionModel.form, phi: smoothing.phi, season: 1, state: state, after: origin, horizon: horizon,
                into: &result, at: row * horizon)
            for step in 0..<horizon {
                result[row * horizon + step] += season.effects[(origin + step) % season.effects.count]
            }
        }
        return result
    }

    func state(after history: History) -> ModelState {
        var state = DecompositionState(
            rest: ETSState(DecompositionModel.form, smoothing, season: 1, state: initialState, time: 0), season: season)
        state.advance(over: history.values)
        return .decomposition(state)
    }

    /// Effects that sum to 0, by three rounds of trend and season; entry `t mod season` belongs to time `t`.
    private static func effects(_ history: History, count: Int) -> [Double] {
        let season = history.season
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

/// The smoothed rest beside the season.
struct DecompositionState: AdvancingState {
    private var rest: ETSState
    private var season: SeasonalPattern

    fileprivate init(rest: ETSState, season: SeasonalPattern) {
        self.rest = rest
        self.season = season
    }

    mutating func advance(_ value: Double) {
        rest.advance(season.adjusted(value))
        season.advance()
    }

    func outlook(horizon: Int) -> Outlook {
        var outlook = rest.outlook(horizon: horizon)
        season.describe(&outlook, horizon: horizon)
        return outlook
    }
}
