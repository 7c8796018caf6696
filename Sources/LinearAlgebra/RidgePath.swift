#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Ridge regression over a whole path of penalties from one eigendecomposition.
///
/// With centred `X`, centred `y` and `XᵀX = V diag(d) Vᵀ`, the coefficients at penalty λ are
/// `β(λ) = V (d + λ)⁻¹ Vᵀ Xᵀ y`, and the leave-one-out residual is `rᵢ / (1 − hᵢ(λ))` with the leverage
/// `hᵢ(λ) = 1/n + Σⱼ (XV)ᵢⱼ² / (dⱼ + λ)` (Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning",
/// equations 3.47 and 7.64), so that no penalty needs a refit.
public struct RidgePath: Sendable {
    /// How a penalty is judged.
    public enum Criterion: Sendable {
        /// Mean squared leave-one-out residual, O(rows · columns) per penalty.
        case leaveOneOut
        /// Generalised cross-validation `(RSS/n) / (1 − (1 + tr H)/n)²`, O(columns) per penalty.
        case generalizedCrossValidation
    }

    /// The penalties tried, ascending.
    public let penalties: [Double]
    /// The criterion at each penalty; smaller is better.
    public let losses: [Double]
    /// The index of the chosen penalty.
    public let chosen: Int
    /// The coefficients of the columns at the chosen penalty.
    public let coefficients: [Double]
    /// The intercept at the chosen penalty.
    public let intercept: Double
    /// The trace of the hat matrix at the chosen penalty, intercept not counted.
    public let effectiveDegrees: Double

    /// The chosen penalty.
    public var penalty: Double { penalties[chosen] }

    /// Penalties from 10⁻⁴ to 10⁴ times the mean eigenvalue in equal ratios.
    public static let relativePenalties: [Double] = (0..<17).map { pow(10, -4 + 0.5 * Double($0)) }

    /// Fits the path.
    ///
    /// - Parameters:
    ///   - x: the regressors, rows × columns, row-major; overwritten by their centred values.
    ///   - y: the target, one value per row; overwritten by its centred values.
    ///   - rows: observations, at least 2.
    ///   - columns: regressors, at least 1.
    ///   - relativePenalties: candidate penalties as multiples of the mean eigenvalue of `XᵀX`, ascending.
    ///   - criterion: how they are judged.
    /// - Throws: `LinearAlgebraError.notFinite` where an entry is NaN or infinite.
    ///   A constant column gets coefficient 0; a constant target gives all coefficients 0.
    public init(
        x: inout [Double], y: inout [Double], rows: Int, columns: Int,
        relativePenalties: [Double] = RidgePath.relativePenalties, criterion: Criterion = .leaveOneOut
    ) throws(LinearAlgebraError) {
        precondition(rows >= 2 && columns >= 1 && x.count >= rows * columns && y.count >= rows)
        precondition(!relativePenalties.isEmpty, "A ridge path needs a penalty.")
        let means = RidgePath.center(&x, rows: rows, columns: columns)
        let targetMean = RidgePath.center(&y, rows: rows, columns: 1)[0]
        var gram = Matrix(rows: columns, columns: columns)
        Products.gram(x, rows: rows, columns: columns, into: &gram.elements)
        let eigen = try SymmetricEigen(gram)
        let spectrum = eigen.values.map { max($0, 0) }
        let meanEigenvalue = spectrum.reduce(0, +) / Double(columns)
        let unit = meanEigenvalue > 0 ? meanEigenvalue : 1

        var moment = [Double](repeating: 0, count: columns)
        Products.multiplyTransposed(x, rows: rows, columns: columns, by: y, into: &moment)
        var rotated = [Double](repeating: 0, count: columns)
        Products.multiplyTransposed(
            eigen.vectors.elements, rows: columns, columns: columns, by: moment, into: &rotated)

        penalties = relativePenalties.map { $0 * unit }
        let trial = Trial(rows: rows, columns: columns, spectrum: spectrum, rotated: rotated)
        switch criterion {
        case .leaveOneOut:
            var scores = [Double](repeating: 0, count: rows * columns)
            Products.multiply(
                x, eigen.vectors.elements, rows: rows, inner: columns, columns: columns, into: &scores)
            losses = penalties.map { trial.leaveOneOut(penalty: $0, scores: scores, target: y) }
        case .generalizedCrossValidation:
            let total = y[0..<rows].reduce(0) { $0 + $1 * $1 }
            losses = penalties.map { trial.generalizedCrossValidation(penalty: $0, total: total) }
        }
        var best = penalties.count - 1
        for index in penalties.indices where losses[index] < losses[best] { best = index }
        chosen = best
        let penalty = penalties[best]
        let shrunk = (0..<columns).map { rotated[$0] / (spectrum[$0] + penalty) }
        var coefficients = [Double](repeating: 0, count: columns)
        Products.multiply(eigen.vectors.elements, rows: columns, columns: columns, by: shrunk, into: &coefficients)
        self.coefficients = coefficients
        intercept = targetMean - (0..<columns).reduce(0) { $0 + coefficients[$1] * means[$1] }
        effectiveDegrees = spectrum.reduce(0) { $0 + $1 / ($1 + penalty) }
    }

    /// Fits the path from sums over rows that are no longer at hand; judged by generalised cross-validation.
    ///
    /// - Parameters:
    ///   - gram: sums of products of regressors, `XᵀX`, not centred.
    ///   - moment: sums of products of regressors and target, `Xᵀy`.
    ///   - sums: the sum of each regressor.
    ///   - targetSum: the sum of the target.
    ///   - targetSquares: the sum of its squares.
    ///   - rows: how many rows were added up, at least 2.
    ///   - relativePenalties: candidate penalties as multiples of the mean eigenvalue, ascending.
    /// - Throws: `LinearAlgebraError.notFinite` where a sum is NaN or infinite.
    public init(
        gram: Matrix, moment: [Double], sums: [Double], targetSum: Double, targetSquares: Double, rows: Int,
        relativePenalties: [Double] = RidgePath.relativePenalties
    ) throws(LinearAlgebraError) {
        let columns = gram.columns
        precondition(rows >= 2 && columns >= 1 && moment.count == columns && sums.count == columns)
        precondition(!relativePenalties.isEmpty, "A ridge path needs a penalty.")
        let number = Double(rows)
        var centred = gram
        var centredMoment = moment
        for row in 0..<columns {
            for column in 0..<columns { centred[row, column] -= sums[row] * sums[column] / number }
            centredMoment[row] -= sums[row] * targetSum / number
        }
        let eigen = try SymmetricEigen(centred)
        let spectrum = eigen.values.map { max($0, 0) }
        let meanEigenvalue = spectrum.reduce(0, +) / Double(columns)
        let unit = meanEigenvalue > 0 ? meanEigenvalue : 1
        var rotated = [Double](repeating: 0, count: columns)
        Products.multiplyTransposed(
            eigen.vectors.elements, rows: columns, columns: columns, by: centredMoment, into: &rotated)
        penalties = relativePenalties.map { $0 * unit }
        let trial = Trial(rows: rows, columns: columns, spectrum: spectrum, rotated: rotated)
        let total = targetSquares - targetSum * targetSum / number
        losses = penalties.map { trial.generalizedCrossValidation(penalty: $0, total: total) }
        var best = penalties.count - 1
        for index in penalties.indices where losses[index] < losses[best] { best = index }
        chosen = best
        let penalty = penalties[best]
        let shrunk = (0..<columns).map { rotated[$0] / (spectrum[$0] + penalty) }
        var coefficients = [Double](repeating: 0, count: columns)
        Products.multiply(eigen.vectors.elements, rows: columns, columns: columns, by: shrunk, into: &coefficients)
        self.coefficients = coefficients
        intercept = (targetSum - (0..<columns).reduce(0) { $0 + coefficients[$1] * sums[$1] }) / number
        effectiveDegrees = spectrum.reduce(0) { $0 + $1 / ($1 + penalty) }
    }

    /// Subtracts each column's mean and returns the means.
    private static func center(_ x: inout [Double], rows: Int, columns: Int) -> [Double] {
        var means = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            for column in 0..<columns { means[column] += x[row * columns + column] }
        }
        for column in 0..<columns { means[column] /= Double(rows) }
        for row in 0..<rows {
            for column in 0..<columns { x[row * columns + column] -= means[column] }
        }
        return means
    }
}

/// What every penalty of a path shares.
private struct Trial {
    let rows: Int
    let columns: Int
    let spectrum: [Double]
    let rotated: [Double]

    /// Mean squared leave-one-out residual; `scores` is `XV`.
    func leaveOneOut(penalty: Double, scores: [Double], target: [Double]) -> Double {
        let weights = spectrum.map { 1 / ($0 + penalty) }
        var sum = 0.0
        for row in 0..<rows {
            var fitted = 0.0
            var leverage = 1 / Double(rows)
            let start = row * columns
            for column in 0..<columns {
                let score = scores[start + column]
                let weighted = score * weights[column]
                fitted += weighted * rotated[column]
                leverage += weighted * score
            }
            // A row of leverage 1 fits itself; its leave-one-out residual is unbounded, so hold it just short of that.
            let residual = (target[row] - fitted) / max(1 - leverage, 1e-6)
            sum += residual * residual
        }
        return sum / Double(rows)
    }

    /// `(RSS/n) / (1 − (1 + tr H)/n)²`; `total` is `yᵀy`.
    func generalizedCrossValidation(penalty: Double, total: Double) -> Double {
        var residual = total
        var trace = 1.0
        for column in 0..<columns {
            let shrink = 1 / (spectrum[column] + penalty)
            trace += spectrum[column] * shrink
            residual -= rotated[column] * rotated[column] * shrink * (2 - spectrum[column] * shrink)
        }
        let freedom = max(1 - trace / Double(rows), 1e-6)
        return max(residual, 0) / Double(rows) / (freedom * freedom)
    }
}
