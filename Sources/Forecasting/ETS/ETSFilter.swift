#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// The smoothing parameters of an exponential smoothing form; those the form lacks are 0, and φ is 1 unless damped.
package struct ETSSmoothing: Sendable, Codable, Hashable {
    package var alpha: Double
    package var beta: Double
    package var gamma: Double
    package var phi: Double

    /// Parameters of a form; those it lacks are left out.
    package init(alpha: Double = 0, beta: Double = 0, gamma: Double = 0, phi: Double = 1) {
        self.alpha = alpha
        self.beta = beta
        self.gamma = gamma
        self.phi = phi
    }
}

/// The innovations recursion of exponential smoothing.
///
/// A state is a flat array: level, trend, then one season per bucket of the cycle, where the entry at `2 + t mod m` is
/// the season of time `t`, so that nothing rotates. Forms without trend or season leave those entries at 0 (season 1
/// where multiplicative). In the error-correction form of Hyndman et al. (2008), section 2.5, additive and multiplicative
/// errors give the same states, and only the likelihood tells them apart:
///
/// ```
/// q = l + φb          μ = q,  q + s  or  q·s        d = y − μ,  or (y/s − q) where the season multiplies
/// l ← q + α·d         b ← φb + β·d                  s ← s + γ·d,  or s + γ(y/q − s)
/// ```
package enum ETSFilter {
    /// What one pass sums up.
    package struct Sums {
        /// The sum of squared errors, relative ones for a multiplicative error.
        package var squares = 0.0
        /// The sum of log|μ|; counted for a multiplicative error only.
        package var logarithms = 0.0
        /// How many observations were not missing.
        package var observed = 0
    }

    /// Moves a state over `values[range]`, writing each one-step error to `errors` (0 where the value is missing).
    ///
    /// - Returns: the sums, or `nil` where a multiplicative form left the positive numbers or any number overflowed.
    package static func run(
        _ form: ETSForm, _ smoothing: ETSSmoothing, season: Int, state: inout [Double], values: [Double],
        range: Range<Int>, errors: inout [Double]
    ) -> Sums? {
        let alpha = smoothing.alpha
        let beta = smoothing.beta
        let gamma = smoothing.gamma
        let phi = smoothing.phi
        let seasonKind = form.season
        let relative = form.error == .multiplicative
        let input = values.span
        var output = errors.mutableSpan
        var seasons = state.mutableSpan
        var level = seasons[0]
        var trend = seasons[1]
        var slot = 2 + range.lowerBound % season
        let end = 2 + season
        var sums = Sums()
        for time in range {
            let value = input[time]
            let damped = phi * trend
            let base = level + damped
            var error = 0.0
            switch seasonKind {
            case .none:
                if value == value {
                    let mean = base
                    let step = value - mean
                    level = base + alpha * step
                    trend = damped + beta * step
                    error = step
                    if relative {
                        guard mean > 0 else { return nil }
                        error = step / mean
                        sums.logarithms += log(mean)
                    }
                    sums.observed += 1
                } else {
                    level = base
                    trend = damped
                }
            case .additive:
                if value == value {
                    let effect = seasons[slot]
                    let mean = base + effect
                    let step = value - mean
                    level = base + alpha * step
                    trend = damped + beta * step
                    seasons[slot] = effect + gamma * step
                    error = step
                    if relative {
                        guard mean > 0 else { return nil }
                        error = step / mean
                        sums.logarithms += log(mean)
                    }
                    sums.observed += 1
                } else {
                    level = base
                    trend = damped
                }
            case .multiplicative:
                if value == value {
                    let effect = seasons[slot]
                    guard base > 0, effect > 1e-8 else { return nil }
                    let mean = base * effect
                    let step = value / effect - base
                    level = base + alpha * step
                    trend = damped + beta * step
                    seasons[slot] = effect + gamma * (value / base - effect)
                    error = value - mean
                    if relative {
                        error /= mean
                        sums.logarithms += log(mean)
                    }
                    sums.observed += 1
                } else {
                    level = base
                    trend = damped
                }
            }
            output[time] = error
            sums.squares += error * error
            slot += 1
            if slot == end { slot = 2 }
        }
        seasons[0] = level
        seasons[1] = trend
        guard sums.squares.isFinite, level.isFinite, trend.isFinite else { return nil }
        return sums
    }

    /// Writes the means of steps 1…`horizon` after `time` observations to `result[offset...]`.
    static func forecast(
        _ form: ETSForm, phi: Double, season: Int, state: [Double], after time: Int, horizon: Int,
        into result: inout [Double], at offset: Int
    ) {
        var growth = 0.0
        var factor = 1.0
        var slot = 2 + time % season
        for step in 0..<horizon {
            factor *= phi
            growth += factor * state[1]
            let base = state[0] + growth
            let mean =
                switch form.season {
                case .none: base
                case .additive: base + state[slot]
                case .multiplicative: base * state[slot]
                }
            result[offset + step] = mean
            slot += 1
            if slot == 2 + season { slot = 2 }
        }
    }
}
