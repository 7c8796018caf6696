/// How far quantiles lie from the mean, or where past demand says they are, as it was at the fit.
struct QuantileBand: Sendable, Codable, Hashable {
    /// The levels, ascending.
    let levels: [Double]
    /// Row-major, row × level, in the unit of the history: a row per step, to be added to its mean, or a row per bucket
    /// of the cycle, which stands for itself.
    private let rows: [Double]
    private let isAroundMean: Bool
    /// Buckets of the cycle passed since the fit.
    private var position = 0

    /// A band of no width: every quantile is the mean.
    init(levels: [Double]) {
        self.levels = levels
        rows = [Double](repeating: 0, count: levels.count)
        isAroundMean = true
    }

    /// The band a way of making quantiles gives after the whole history.
    ///
    /// - Parameter errors: row-major, origin × step, in the unit of the history.
    init(_ method: QuantileMethod, levels: [Double], history: History, horizon: Int, errors: [Double]) {
        self.levels = levels
        let number: Int
        switch method {
        case .errors:
            isAroundMean = true
            number = horizon
        case .demand(let byPhase):
            isAroundMean = false
            number = byPhase ? history.season : 1
        }
        rows = method.quantiles(
            levels, history: history, mean: [Double](repeating: 0, count: number), errors: errors)
    }

    /// Moves on to the next bucket.
    mutating func advance() {
        guard !isAroundMean, !levels.isEmpty else { return }
        position = (position + 1) % (rows.count / levels.count)
    }

    /// Quantiles of each step, row-major, step × level; beyond the last row the distance from the mean grows with the root of
    /// the step.
    func quantiles(around mean: [Double]) -> [Double] {
        guard !levels.isEmpty else { return [] }
        let count = rows.count / levels.count
        var result: [Double] = []
        result.reserveCapacity(mean.count * levels.count)
        for step in mean.indices {
            let row = isAroundMean ? min(step, count - 1) : (position + step) % count
            let growth = isAroundMean && step >= count ? (Double(step + 1) / Double(count)).squareRoot() : 1
            for column in levels.indices {
                let value = rows[row * levels.count + column]
                result.append(isAroundMean ? mean[step] + value * growth : value)
            }
        }
        return result
    }
}
