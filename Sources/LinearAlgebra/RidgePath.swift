#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Ridge regression over a whole path of penalties, from sums over the rows and one tridiagonal reduction.
///
/// Regressors are centred and brought to unit variance first, so that the penalty treats them alike. With their Gram
/// matrix `A = Q T Qᵀ`, moment `m` and `b = Qᵀm`, the coefficients at penalty λ are `β = Q u` where `(T + λI) u = b`, the
/// residual sum of squares is `yᵀy − uᵀb − λuᵀu` and the trace of the hat matrix is `p − λ tr (T + λI)⁻¹` (Eldén,
/// "Algorithms for the regularization of ill-conditioned least squares problems", BIT 17, 1977). The penalty is the one
/// with the least generalised cross-validation `(RSS/n) / (1 − (1 + tr H)/n)²` (Golub, Heath and Wahba, Technometrics 21,
/// 1979), which needs no refit and no row.
public struct RidgePath: Sendable {
    /// The penalties tried, on regressors of unit variance, ascending.
    public let penalties: [Double]
    /// The criterion at each penalty; smaller is better.
    public let losses: [Double]
    /// The index of the chosen penalty.
    public let chosen: Int
    /// The coefficients of the regressors, in their own units, at the chosen penalty.
    public let coefficients: [Double]
    /// The intercept at the chosen penalty.
    public let intercept: Double
    /// The trace of the hat matrix at the chosen penalty, intercept not counted.
    public let effectiveDegrees: Double

    /// The chosen penalty.
    public var penalty: Double { penalties[chosen] }

    /// Penalties from 10⁻⁴ to 10⁴ times the number of rows in equal ratios.
    public static let relativePenalties: [Double] = (0..<17).map { pow(10, -4 + 0.5 * Double($0)) }

    /// Fits the path.
    ///
    /// A constant regressor gets coefficient 0; a constant target gives all coefficients 0.
    ///
    /// - Parameters:
    ///   - sums: what was added up over at least 2 rows.
    ///   - relativePenalties: candidate penalties as multiples of the number of rows, ascending.
    /// - Throws: `LinearAlgebraError.notFinite` where a sum is NaN or infinite.
    public init(
        _ sums: RegressionSums, relativePenalties: [Double] = RidgePath.relativePenalties
    ) throws(LinearAlgebraError) {
        precondition(sums.rows >= 2 && sums.columns >= 1 && !relativePenalties.isEmpty)
        let standard = sums.standardized()
        guard standard.gram.allSatisfy(\.isFinite), standard.moment.allSatisfy(\.isFinite) else { throw .notFinite }
        self.init(
            sums, standard: standard, reduced: Tridiagonal(standard.gram, order: sums.columns),
            relativePenalties: relativePenalties)
    }

    /// The path of sums whose Gram matrix is reduced already.
    init(
        _ sums: RegressionSums, standard: RegressionSums.Standardized, reduced: borrowing Tridiagonal,
        relativePenalties: [Double]
    ) {
        let columns = sums.columns
        let number = sums.rows
        var moment = standard.moment
        reduced.rotate(&moment)
        var solution = [Double](repeating: 0, count: columns)
        var pivots = solution
        var losses: [Double] = []
        losses.reserveCapacity(relativePenalties.count)
        var best = relativePenalties.count - 1
        var degrees = 0.0
        let penalties = relativePenalties.map { $0 * number }
        for penalty in penalties {
            let trace = reduced.solve(moment, penalty: penalty, into: &solution, pivots: &pivots)
            var residual = standard.targetSquares
            for index in 0..<columns { residual -= solution[index] * (moment[index] + penalty * solution[index]) }
            let freedom = max(1 - (1 + Double(columns) - penalty * trace) / number, 1e-6)
            losses.append(max(residual, 0) / number / (freedom * freedom))
        }
        for index in penalties.indices where losses[index] < losses[best] { best = index }
        degrees = Double(columns)
        degrees -= penalties[best] * reduced.solve(moment, penalty: penalties[best], into: &solution, pivots: &pivots)
        reduced.rotateBack(&solution)
        var intercept = sums.targetSum
        for index in 0..<columns {
            solution[index] *= standard.inverseScales[index]
            intercept -= solution[index] * sums.sums[index]
        }
        self.init(
            penalties: penalties, losses: losses, chosen: best, coefficients: solution, intercept: intercept / number,
            effectiveDegrees: degrees)
    }

    /// A finished path.
    init(
        penalties: [Double], losses: [Double], chosen: Int, coefficients: [Double], intercept: Double,
        effectiveDegrees: Double
    ) {
        self.penalties = penalties
        self.losses = losses
        self.chosen = chosen
        self.coefficients = coefficients
        self.intercept = intercept
        self.effectiveDegrees = effectiveDegrees
    }
}
