internal import LinearAlgebra

/// The regression of a series' relative deviations from its baseline on what touches it.
///
/// With b the baseline and x the entries of a touched bucket, demand is taken to be `y = b (1 + xβ + e)`, where e has the
/// standard deviation σ of the untouched buckets. Given β ~ N(μ, P⁻¹) beforehand, the expected effects are the solution of
/// `(A + P) β = c + Pμ` with `A = Σ x xᵀ/σ²` and `c = Σ x (y/b − 1)/σ²` (Hoerl and Kennard 1970 with a prior mean; Lindley
/// and Smith 1972, equation 5). Baseline and effects are estimated in turn, since each needs the other.
struct EffectRegression: Sendable {
    /// What each column is.
    let keys: [EffectKey]
    /// `A`, columns × columns, row-major.
    private(set) var squares: [Double]
    /// `c`, one value per column.
    private(set) var moments: [Double]

    /// Rounds of baseline and effects.
    private static let rounds = 3
    /// Single orders far beyond the usual count as this many times it.
    private static let largestDeviation = 4.0
    /// Buckets expected to have less than this share of the mean demand tell nothing of effects: the shop is closed.
    private static let smallestShare = 0.1

    /// Sums up the first `count` values.
    ///
    /// - Parameters:
    ///   - values: demand per bucket, NaN where missing.
    ///   - prior: what the effects are held to be beforehand, one per column of the design.
    init(
        _ values: [Double], count: Int, season: Int, design: EffectDesign, prior: EffectPrior
    ) {
        keys = design.keys
        let columns = keys.count
        squares = [Double](repeating: 0, count: columns * columns)
        moments = [Double](repeating: 0, count: columns)
        guard columns > 0 else { return }
        let means = prior.means(keys)
        var effects = means
        for _ in 0..<EffectRegression.rounds {
            let plain = design.withoutEffects(values, count: count, effects: effects)
            let baseline = EffectBaseline.estimate(plain, season: season)
            sum(values, count: count, plain: plain, baseline: baseline, design: design)
            effects = solution(prior: prior)
        }
    }

    private mutating func sum(
        _ values: [Double], count: Int, plain: [Double], baseline: [Double], design: EffectDesign
    ) {
        let columns = keys.count
        for index in squares.indices { squares[index] = 0 }
        for index in moments.indices { moments[index] = 0 }
        let least = EffectRegression.smallestShare * baseline.reduce(0, +) / Double(max(count, 1))
        let variance = EffectRegression.variance(plain, baseline: baseline, least: least)
        guard variance > 0 else { return }
        for row in design.rows where row.time < count {
            let value = values[row.time]
            let expected = baseline[row.time]
            guard value == value, expected > least, row.closures.isEmpty else { continue }
            let deviation = min(value / expected - 1, EffectRegression.largestDeviation) / variance
            for left in row.entries {
                moments[left.column] += left.amount * deviation
                for right in row.entries {
                    squares[left.column * columns + right.column] += left.amount * right.amount / variance
                }
            }
        }
    }

    /// The mean squared relative deviation of buckets without effects, each held to what an outlier may count; never
    /// below 0.01², as no demand is that regular.
    private static func variance(_ plain: [Double], baseline: [Double], least: Double) -> Double {
        var sum = 0.0
        var number = 0.0
        for (value, expected) in zip(plain, baseline) where value == value && expected > least {
            let deviation = min(value / expected - 1, largestDeviation)
            sum += deviation * deviation
            number += 1
        }
        return number > 2 ? max(sum / (number - 2), 1e-4) : 0
    }

    /// The expected effects, one per column; the prior's means where the sums are unusable.
    func solution(prior: EffectPrior) -> [Double] {
        let columns = keys.count
        let means = prior.means(keys)
        var matrix = squares
        var vector = moments
        for (column, key) in keys.enumerated() {
            let weight = prior.weight(key)
            matrix[column * columns + column] += weight
            vector[column] += weight * means[column]
        }
        do { try Cholesky.solve(&matrix, &vector, order: columns) } catch { return means }
        return vector
    }
}

/// What effects are held to be before a series has shown its own.
struct EffectPrior: Sendable {
    /// The mean effect over all series; 0 for a key that is not here.
    private let shared: [EffectKey: Double]
    /// How much less one series differs from the mean of all than the mean from 0, as a share of `EffectKey.expectedSize`.
    private let spread: Double

    /// Nothing known.
    static let uninformed = EffectPrior(shared: [:], spread: 1)

    /// Effects learnt from many series, from which each differs by less than from 0.
    init(shared: [EffectKey: Double], spread: Double = 0.5) {
        self.shared = shared
        self.spread = spread
    }

    /// The mean of each key.
    func means(_ keys: [EffectKey]) -> [Double] { keys.map { shared[$0] ?? 0 } }

    /// The inverse variance of a key's effect.
    func weight(_ key: EffectKey) -> Double {
        let size = key.expectedSize * (shared[key] == nil ? 1 : spread)
        return 1 / (size * size)
    }
}
