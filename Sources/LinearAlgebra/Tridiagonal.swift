/// The reduction `A = Q T Qᵀ` of a symmetric matrix to a tridiagonal one by Householder reflections (Golub and Van Loan,
/// "Matrix Computations", algorithm 8.3.1).
///
/// Solving with `T + λI`, and the trace of its inverse, cost O(order) for every λ, so that a whole path of penalties costs
/// no more than one decomposition, and that one a fraction of an eigendecomposition.
struct Tridiagonal {
    /// The diagonal of T.
    private(set) var diagonal: [Double]
    /// Entry i is T's entry (i, i + 1); the last one is 0.
    private(set) var offDiagonal: [Double]
    /// Row k holds the vector of reflection k from column k + 1 on.
    private var reflections: [Double]
    /// Twice the inverse squared length of each reflection's vector; 0 for none.
    private var factors: [Double]
    private let order: Int

    /// Reduces a finite symmetric matrix, row-major.
    ///
    /// - Complexity: O(order³), 4/3 order³ multiplications.
    init(_ matrix: [Double], order: Int) {
        self.order = order
        var a = matrix
        diagonal = [Double](repeating: 0, count: order)
        offDiagonal = diagonal
        factors = diagonal
        reflections = [Double](repeating: 0, count: order * order)
        var product = diagonal
        for step in 0..<max(order - 1, 0) {
            // The reflection that sends column `step` below the diagonal to a multiple of its first unit vector.
            let head = step * order + step + 1
            var squares = 0.0
            for index in (step + 1)..<order { squares += a[step * order + index] * a[step * order + index] }
            let tail = squares - a[head] * a[head]
            diagonal[step] = a[step * order + step]
            guard tail > 0 else {
                offDiagonal[step] = a[head]
                continue
            }
            let length = a[head] > 0 ? -squares.squareRoot() : squares.squareRoot()
            offDiagonal[step] = length
            for index in (step + 1)..<order { reflections[step * order + index] = a[step * order + index] }
            reflections[head] -= length
            let factor = 2 / (squares - 2 * length * a[head] + length * length)
            factors[step] = factor
            Tridiagonal.reflect(&a, by: reflections, factor: factor, step: step, order: order, scratch: &product)
        }
        if order > 0 { diagonal[order - 1] = a[order * order - 1] }
    }

    /// `Qᵀx` in place.
    func rotate(_ x: inout [Double]) {
        for step in 0..<max(order - 1, 0) { reflect(&x, step: step) }
    }

    /// `Qx` in place.
    func rotateBack(_ x: inout [Double]) {
        for step in stride(from: order - 2, through: 0, by: -1) { reflect(&x, step: step) }
    }

    private func reflect(_ x: inout [Double], step: Int) {
        guard factors[step] > 0 else { return }
        let row = step * order
        var dot = 0.0
        for index in (step + 1)..<order { dot += reflections[row + index] * x[index] }
        dot *= factors[step]
        for index in (step + 1)..<order { x[index] -= dot * reflections[row + index] }
    }

    /// `A ← PAP` for the reflection P of one step, on rows and columns after it.
    private static func reflect(
        _ a: inout [Double], by vectors: [Double], factor: Double, step: Int, order: Int, scratch: inout [Double]
    ) {
        let vector = step * order
        var dot = 0.0
        for row in (step + 1)..<order {
            var sum = 0.0
            for column in (step + 1)..<order { sum += a[row * order + column] * vectors[vector + column] }
            scratch[row] = factor * sum
            dot += scratch[row] * vectors[vector + row]
        }
        let half = 0.5 * factor * dot
        for row in (step + 1)..<order { scratch[row] -= half * vectors[vector + row] }
        for row in (step + 1)..<order {
            let left = vectors[vector + row]
            let right = scratch[row]
            for column in (step + 1)..<order {
                a[row * order + column] -= left * scratch[column] + right * vectors[vector + column]
            }
        }
    }

    /// Solves `(T + λI) u = b` and gives the trace of `(T + λI)⁻¹`; T must have no negative eigenvalue and λ be positive.
    ///
    /// With `dᵢ` the pivots of elimination from the top and `eᵢ` those from the bottom, diagonal entry i of the inverse is
    /// `1/(dᵢ + eᵢ − Tᵢᵢ − λ)` (Meurant, "A review on the inverse of symmetric tridiagonal and block tridiagonal
    /// matrices", 1992).
    func solve(_ b: [Double], penalty: Double, into u: inout [Double], pivots: inout [Double]) -> Double {
        guard order > 0 else { return 0 }
        var pivot = diagonal[0] + penalty
        pivots[0] = pivot
        u[0] = b[0]
        for index in 1..<max(order, 1) {
            let ratio = offDiagonal[index - 1] / pivot
            pivot = max(diagonal[index] + penalty - ratio * offDiagonal[index - 1], penalty * 1e-6)
            pivots[index] = pivot
            u[index] = b[index] - ratio * u[index - 1]
        }
        var reverse = diagonal[order - 1] + penalty
        var trace = 1 / pivot
        u[order - 1] /= pivot
        for index in stride(from: order - 2, through: 0, by: -1) {
            let ratio = offDiagonal[index] / reverse
            reverse = max(diagonal[index] + penalty - ratio * offDiagonal[index], penalty * 1e-6)
            trace += 1 / max(pivots[index] + reverse - diagonal[index] - penalty, penalty * 1e-6)
            u[index] = (u[index] - offDiagonal[index] * u[index + 1]) / pivots[index]
        }
        return trace
    }
}
