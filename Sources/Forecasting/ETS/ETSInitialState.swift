/// A starting state of exponential smoothing from the first cycles of a history.
///
/// The season is the mean of each bucket of the cycle relative to a centred moving average over the first cycles; level
/// and trend are an ordinary regression on the first max(10, 2m) seasonally adjusted values (Hyndman et al. 2008, section
/// 2.6.1), with the trend held to what the spread of the data supports.
enum ETSInitialState {
    /// The state before `values[0]`, laid out as `ETSFilter` says; `values[0..<count]` has at least one finite value.
    static func estimate(_ form: ETSForm, values: [Double], count: Int, season: Int) -> [Double] {
        let multiplicative = form.season == .multiplicative
        var state = [Double](repeating: 0, count: 2 + season)
        if form.season != .none {
            let effects = SeasonalEffects.estimate(
                values, range: 0..<min(count, max(4 * season, 24)), season: season, multiplicative: multiplicative)
            for phase in 0..<season { state[2 + phase] = effects[phase] }
        }

        let window = min(count, max(10, 2 * season))
        var number = 0.0
        var sumTime = 0.0
        var sumValue = 0.0
        var sumSquare = 0.0
        var sumProduct = 0.0
        for time in 0..<window where values[time] == values[time] {
            let effect = form.season == .none ? 0 : state[2 + time % season]
            let adjusted = multiplicative ? values[time] / max(effect, 1e-6) : values[time] - effect
            let moment = Double(time + 1)
            number += 1
            sumTime += moment
            sumValue += adjusted
            sumSquare += moment * moment
            sumProduct += moment * adjusted
        }
        guard number > 0 else {
            state[0] = values[0..<count].first { $0 == $0 } ?? 0
            return state
        }
        let mean = sumValue / number
        let spread = sumSquare - sumTime * sumTime / number
        if form.trend == .none || number < 3 || spread <= 0 {
            state[0] = mean
        } else {
            let slope = (sumProduct - sumTime * sumValue / number) / spread
            state[0] = mean - slope * sumTime / number
            state[1] = slope
        }
        if form.needsPositive && state[0] <= 0 {
            state[0] = mean
            state[1] = 0
        }
        return state
    }
}
