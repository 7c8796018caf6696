#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Ridge regression whose penalty has the least squared leave-one-out error, from rows.
///
/// Leaving a row out needs no refit: with leverage hᵢ its error is eᵢ/(1 − hᵢ) (Hastie, Tibshirani and Friedman, "The
/// Elements of Statistical Learning", equation 7.64). Where few rows hold the large values, their leverage is what
/// generalised cross-validation, which takes the mean one, cannot see. With the Gram matrix `A = Q T Qᵀ` of weighted,
/// standardised regressors, row `s = Qᵀx`, and `T + λI = L D Lᵀ` with L unit bidiagonal, `z = L⁻¹s` gives the leverage
/// `zᵀD⁻¹z` and the fit `zᵀD⁻¹L⁻¹b`, in O(columns) for each row and penalty; eight penalties are worked on abreast.
extension RidgePath {
    /// Penalties from 10⁻² to 10⁴ times the number of rows in equal ratios.
    ///
    /// Smaller ones differ from least squares in nothing a short history can tell.
    public static let leaveOneOutPenalties: [Double] = (0..<16).map { pow(10, -2 + 0.4 * Double($0)) }

    /// Fits the path.
    ///
    /// A constant regressor gets coefficient 0; a constant target gives all coefficients 0. A weight counts a row that
    /// many times; rows of weight 0 take no part.
    ///
    /// - Parameters:
    ///   - regressors: rows × columns, row-major; what is left in it is of no use.
    ///   - target: one value per row.
    ///   - rows: at least 2.
    ///   - columns: at least 1.
    ///   - weights: one per row, not negative; empty for all 1.
    ///   - relativePenalties: candidate penalties as multiples of the sum of weights, ascending; they are tried by eights
    ///     until the loss rises.
    /// - Throws: `LinearAlgebraError.notFinite` where a value is NaN or infinite.
    public init(
        leaveOneOut regressors: inout [Double], target: [Double], rows: Int, columns: Int, weights: [Double] = [],
        relativePenalties: [Double] = RidgePath.leaveOneOutPenalties
    ) throws(LinearAlgebraError) {
        precondition(rows >= 2 && columns >= 1 && !relativePenalties.isEmpty)
        precondition(regressors.count >= rows * columns && target.count >= rows)
        precondition(weights.isEmpty || weights.count >= rows)
        let centred = CentredRows(&regressors, target: target, rows: rows, columns: columns, weights: weights)
        var gram = [Double](repeating: 0, count: columns * columns)
        Products.gram(regressors, rows: rows, columns: columns, into: &gram)
        var moment = [Double](repeating: 0, count: columns)
        Products.multiplyTransposed(regressors, rows: rows, columns: columns, by: centred.target, into: &moment)
        let inverseScales = centred.standardize(&gram, &moment)
        guard gram.allSatisfy(\.isFinite), moment.allSatisfy(\.isFinite), centred.targetMean.isFinite else {
            throw .notFinite
        }
        let reduced = Tridiagonal(gram, order: columns)
        reduced.rotate(&moment)
        var rotated = [Double](repeating: 0, count: rows * columns)
        Products.multiply(
            regressors, reduced.rotation(scaledBy: inverseScales), rows: rows, inner: columns, columns: columns,
            into: &rotated)
        var penalties = relativePenalties.map { $0 * centred.weight }
        var losses: [Double] = []
        losses.reserveCapacity(penalties.count)
        let withoutRegressors = centred.squaredErrors() / centred.weight
        for first in stride(from: 0, to: penalties.count, by: 8) {
            var eight = SIMD8<Double>()
            for lane in 0..<8 { eight[lane] = penalties[min(first + lane, penalties.count - 1)] }
            let sums = PenaltyLanes(reduced, moment: moment, penalties: eight)
                .squaredErrors(rotated, centred: centred, rows: rows)
            for lane in 0..<min(8, penalties.count - first) { losses.append(sums[lane] / centred.weight) }
            // Once the loss rises again towards that of no regressor at all, larger penalties are not tried.
            let least = losses.min() ?? 0
            if let last = losses.last, least < last, least < withoutRegressors { break }
        }
        penalties.removeLast(penalties.count - losses.count)
        var best = penalties.count - 1
        for index in penalties.indices where losses[index] < losses[best] { best = index }
        var solution = [Double](repeating: 0, count: columns)
        var pivots = solution
        let trace = reduced.solve(moment, penalty: penalties[best], into: &solution, pivots: &pivots)
        reduced.rotateBack(&solution)
        var intercept = centred.targetMean
        for column in 0..<columns {
            solution[column] *= inverseScales[column]
            intercept -= solution[column] * centred.means[column]
        }
        self.init(
            penalties: penalties, losses: losses, chosen: best, coefficients: solution, intercept: intercept,
            effectiveDegrees: Double(columns) - penalties[best] * trace)
    }
}

/// The factors `L D Lᵀ = T + λI` and `D⁻¹L⁻¹b` at eight penalties.
private struct PenaltyLanes {
    private typealias Eight = SIMD8<Double>

    private let order: Int
    /// Three entries for each k: minus L's entry (k, k − 1), 0 for the first; the inverse of D's entry k; `D⁻¹L⁻¹b`.
    private var factors: [Eight]

    init(_ reduced: borrowing Tridiagonal, moment: [Double], penalties: SIMD8<Double>) {
        order = moment.count
        factors = []
        factors.reserveCapacity(3 * order)
        let least = penalties * 1e-6
        var forward = Eight()
        var inverse = Eight()
        for index in 0..<order {
            let off = index > 0 ? reduced.offDiagonal[index - 1] : 0
            let ratio: Eight = off * inverse
            var pivot = reduced.diagonal[index] + penalties - ratio * off
            // Rounding alone can take a pivot below the penalty's own size.
            pivot.replace(with: least, where: pivot .< least)
            inverse = 1 / pivot
            forward = moment[index] - ratio * forward
            factors.append(Eight() - ratio)
            factors.append(inverse)
            factors.append(forward * inverse)
        }
    }

    /// The sums of squared leave-one-out errors of rotated rows, order entries each.
    func squaredErrors(_ rotated: [Double], centred: CentredRows, rows: Int) -> SIMD8<Double> {
        precondition(rotated.count >= rows * order)
        return unsafe rotated.withUnsafeBufferPointer { rotated in
            unsafe factors.withUnsafeBufferPointer { factors in
                unsafe PenaltyLanes.squaredErrors(rotated, factors, centred: centred, rows: rows, order: order)
            }
        }
    }

    private static func squaredErrors(
        _ rotated: UnsafeBufferPointer<Double>, _ factors: UnsafeBufferPointer<Eight>, centred: CentredRows,
        rows: Int, order: Int
    ) -> SIMD8<Double> {
        // A row of leverage 1 fits itself; its error left out is unbounded, so it is held just short of that.
        let least = Eight(repeating: 1e-6)
        var sum = Eight()
        for row in 0..<rows {
            var solved = Eight()
            var leverage = Eight(repeating: centred.interceptLeverages[row])
            var fit = Eight()
            let start = row * order
            for index in 0..<order {
                var next = unsafe Eight(repeating: rotated[start + index])
                unsafe next.addProduct(factors[3 * index], solved)
                solved = next
                unsafe leverage.addProduct(solved * solved, factors[3 * index + 1])
                unsafe fit.addProduct(solved, factors[3 * index + 2])
            }
            var rest = 1 - leverage
            rest.replace(with: least, where: rest .< least)
            let error = (centred.target[row] - fit) / rest
            sum += error * error
        }
        return sum
    }
}
