/// Quantiles around a mean, or where past demand says they are, or an average of both, as it was at the fit.
///
/// Averaging quantiles rather than probabilities keeps the result as sharp as its parts (Lichtendahl, Grushka-Cockayne
/// and Winkler, "Is It Better to Average Probabilities or Quantiles?", Management Science 59, 2013).
struct QuantileBand: Sendable, Codable, Hashable {
    /// The levels, ascending.
    let levels: [Double]
    /// How far quantiles lie from the mean, row-major, step × level, in the unit of the history.
    private let distances: [Double]
    /// Quantiles of past demand, row-major, bucket of the cycle × level; empty where they have no share.
    private let demand: [Double]
    /// The share of past demand, 0 to 1.
    private let demandShare: Double
    private let nonNegative: Bool
    /// What 1 is in the unit of the history, where quantiles are to be whole numbers.
    private let whole: Double?
    /// Buckets of the cycle passed since the fit.
    private var position = 0

    /// A band of no width: every quantile is the mean.
    init(levels: [Double]) {
        self.levels = levels
        distances = [Double](repeating: 0, count: levels.count)
        demand = []
        demandShare = 0
        nonNegative = false
        whole = nil
    }

    /// A band of as many steps as the errors have spreads.
    ///
    /// - Parameters:
    ///   - levels: ascending.
    ///   - demand: past demand; `nil` where it has no share.
    ///   - demandShare: its share.
    ///   - nonNegative: whether quantiles are held at 0 or above before they are averaged.
    ///   - whole: what 1 is in the unit of the history, where quantiles are to be whole numbers.
    init(
        levels: [Double], errors: ErrorDistribution, demand: DemandDistribution?, demandShare: Double,
        nonNegative: Bool, whole: Double?
    ) {
        self.levels = levels
        let scores = levels.map { errors.score($0) }
        distances = errors.spreads.flatMap { spread in scores.map { $0 * spread } }
        self.demand = demand.map { past in (0..<past.cycle).flatMap { past.quantiles(levels, step: $0) } } ?? []
        self.demandShare = demand == nil ? 0 : demandShare
        self.nonNegative = nonNegative
        self.whole = whole
    }

    /// Moves on to the next bucket.
    mutating func advance() {
        guard !demand.isEmpty else { return }
        position = (position + 1) % (demand.count / levels.count)
    }

    /// Quantiles of each step, row-major, step × level, ascending; beyond the last step of the fit the distance from the mean
    /// grows with the root of the step.
    func quantiles(around mean: some Collection<Double>) -> [Double] {
        guard !levels.isEmpty else { return [] }
        let width = levels.count
        let count = distances.count / width
        var result: [Double] = []
        result.reserveCapacity(mean.count * width)
        for (step, value) in mean.enumerated() {
            let row = min(step, count - 1) * width
            let growth = step >= count ? (Double(step + 1) / Double(count)).squareRoot() : 1
            let past = demand.isEmpty ? 0 : (position + step) % (demand.count / width) * width
            for column in 0..<width {
                var quantile = value + distances[row + column] * growth
                if nonNegative { quantile = max(quantile, 0) }
                if !demand.isEmpty { quantile += demandShare * (demand[past + column] - quantile) }
                if let whole { quantile = (quantile / whole).rounded() * whole }
                result.append(quantile)
            }
        }
        return result
    }
}
