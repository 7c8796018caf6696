/// The quantiles of errors measured in their spread, learnt from all series of a class.
///
/// A series alone has a handful of independent errors of true forecasts; its class has thousands. Each series gives the
/// errors of its backtest over the spread that was known before the backtest began; their quantiles say what a spread is
/// worth: how heavy the tails are, and how much worse true forecasts are than fitted ones. This is split-conformal
/// prediction with a normalised score (Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, "Distribution-Free Predictive
/// Inference for Regression", Journal of the American Statistical Association 113, 2018), with the series of a class as
/// the calibration set.
///
/// All series of a batch share their last months, and with them whatever those brought: the signed quantiles are
/// therefore drawn a little towards those of the error's size. A few series are drawn towards Student's distribution.
struct ErrorShape: Sendable {
    /// How many series the errors come from.
    let series: Int
    /// What the quantiles of a series' own fitted errors are to be multiplied by to be those of true ones.
    let inflation: Double
    /// Errors over their spread, ascending.
    private let signed: [Double]
    /// Their sizes, ascending.
    private let sizes: [Double]

    /// What is assumed of a class nothing is known about.
    static let assumed = ErrorShape([])

    /// The share of the quantiles of sizes.
    private static let symmetric = 0.25
    /// The assumed distribution counts as much as this many series.
    private static let assumedSeries = 10.0
    /// The assumed distribution's degrees of freedom and unit.
    private static let assumedFreedom = 5.0
    private static let assumedUnit = 1.25
    /// How much wider true errors may be taken to be than fitted ones.
    private static let largestInflation = 3.0

    /// What one series tells.
    struct Evidence: Sendable {
        /// Errors of true forecasts over the spread known before them.
        var scores: [Double]
        /// The range from the 2.5 % to the 97.5 % quantile of the fitted errors over that spread; `nil` for too few.
        var fittedRange: Double?
    }

    /// Pools the evidence of several series, in any order.
    init(_ evidence: [Evidence]) {
        var signed: [Double] = []
        var ranges = 0.0
        var ranged = 0.0
        var series = 0
        for one in evidence where !one.scores.isEmpty {
            signed.append(contentsOf: one.scores)
            series += 1
            if let range = one.fittedRange {
                ranges += range
                ranged += 1
            }
        }
        signed.sort()
        self.series = series
        self.signed = signed
        sizes = signed.map(\.magnitude).sorted()
        let known = Double(series)
        var inflation = ErrorShape.assumedUnit
        if ranged > 0, ranges > 0 {
            let range =
                ErrorShape.score(0.975, signed: signed, sizes: sizes, series: series)
                - ErrorShape.score(0.025, signed: signed, sizes: sizes, series: series)
            let seen = min(max(range * ranged / ranges, 1), ErrorShape.largestInflation)
            inflation = (known * seen + ErrorShape.assumedSeries * inflation) / (known + ErrorShape.assumedSeries)
        }
        self.inflation = inflation
    }

    /// How many spreads the quantile of an error is away from 0; ascends with the level.
    func score(_ level: Double) -> Double {
        ErrorShape.score(level, signed: signed, sizes: sizes, series: series)
    }

    private static func score(_ level: Double, signed: [Double], sizes: [Double], series: Int) -> Double {
        let assumed = assumedUnit * Distributions.studentQuantile(level, freedom: assumedFreedom)
        guard !signed.isEmpty else { return assumed }
        let size = quantile(sizes, (2 * level - 1).magnitude)
        let pooled = (1 - symmetric) * quantile(signed, level) + symmetric * (level < 0.5 ? -size : size)
        let known = Double(series)
        return (known * pooled + assumedSeries * assumed) / (known + assumedSeries)
    }

    /// The quantile of ascending values, between neighbours in proportion.
    ///
    /// The i-th of n values stands for the level i/(n + 1); levels further out get the first or the last value.
    static func quantile(_ ascending: [Double], _ level: Double) -> Double {
        let place = level * Double(ascending.count + 1) - 1
        let below = max(0, min(ascending.count - 1, Int(place.rounded(.down))))
        let above = min(ascending.count - 1, below + 1)
        let share = min(max(place - Double(below), 0), 1)
        return ascending[below] + share * (ascending[above] - ascending[below])
    }
}
