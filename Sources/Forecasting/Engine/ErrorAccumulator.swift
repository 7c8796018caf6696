/// Adds up the errors of scored points.
struct ErrorAccumulator: Sendable {
    private let asked: Int
    /// The levels quantiles must come at: those asked for, then the edges of the 80 % and the 95 % interval; none where
    /// none are asked for, and then nothing is said about coverage.
    let levels: [Double]
    private var count = 0
    private var absolute = 0.0
    private var actuals = 0.0
    private var signed = 0.0
    private var squared = 0.0
    private var pinball = 0.0
    private var within80 = 0
    private var within95 = 0

    /// No points yet.
    init(levels asked: [Double]) {
        self.asked = asked.count
        levels = asked.isEmpty ? [] : asked + [0.1, 0.9, 0.025, 0.975]
    }

    /// Adds one point; its quantiles are `quantiles[start..<start + levels.count]`.
    mutating func add(actual: Double, mean: Double, quantiles: [Double], start: Int) {
        let error = actual - mean
        count += 1
        absolute += error.magnitude
        actuals += actual.magnitude
        signed -= error
        squared += error * error
        guard asked > 0 else { return }
        for column in 0..<asked {
            let excess = actual - quantiles[start + column]
            pinball += max(levels[column] * excess, (levels[column] - 1) * excess)
        }
        let edges = start + asked
        if actual >= quantiles[edges] && actual <= quantiles[edges + 1] { within80 += 1 }
        if actual >= quantiles[edges + 2] && actual <= quantiles[edges + 3] { within95 += 1 }
    }

    /// The sums in the unit of demand.
    ///
    /// - Parameters:
    ///   - scale: what scaled errors are divided by, in the unit of the points.
    ///   - unit: demand per unit of the points.
    func summary(scale: (absolute: Double, squared: Double), unit: Double) -> ErrorSummary {
        let number = Double(max(count, 1))
        func finite(_ value: Double) -> Double { value.isFinite ? value : Double.greatestFiniteMagnitude }
        return ErrorSummary(
            count: count, absoluteError: finite(absolute * unit), absoluteActual: finite(actuals * unit),
            signedError: signed.isFinite ? min(max(signed * unit, -1e308), 1e308) : 0,
            mase: finite(absolute / number / scale.absolute),
            rmsse: finite((squared / number).squareRoot() / scale.squared),
            pinball: finite(pinball * unit / Double(max(asked, 1))), coverage80: Double(within80) / number,
            coverage95: Double(within95) / number)
    }
}
