/// The reduction `A = Q T Qᵀ` of a symmetric matrix to a tridiagonal one by Householder reflections (Golub and Van Loan,
/// "Matrix Computations", algorithm 8.3.1).
///
/// Solving with `T + λI`, and the trace of its inverse, cost O(order) for every λ, so that a whole path of penalties costs
/// no more than one decomposition, and that one a fraction of an eigendecomposition.
struct Tridiagonal: ~Copyable {
    /// The diagonal of T.
    private(set) var diagonal: [Double]
    /// Entry i is T's entry (i, i + 1); the last one is 0.
    private(set) var offDiagonal: [Double]
    /// Row k holds the vector of reflection k, zero up to column k.
    private let reflections: BlockRows
    /// Twice the inverse squared length of each reflection's vector; 0 for none.
    private var factors: [Double]
    private let order: Int

    /// Reduces a finite symmetric matrix, row-major.
    ///
    /// - Complexity: O(order³), 4/3 order³ multiplications.
    init(_ matrix: [Double], order: Int) {
        self.order = order
        diagonal = [Double](repeating: 0, count: order)
        offDiagonal = diagonal
        factors = diagonal
        reflections = BlockRows(rows: order, columns: order)
        let a = BlockRows(rows: order, columns: order)
        let product = BlockRows(rows: 1, columns: order)
        let width = a.width
        for row in 0..<order {
            for column in 0..<order { a[row, column: column] = matrix[row * order + column] }
        }
        for step in 0..<max(order - 1, 0) {
            let first = (step + 1) / 4
            for block in first..<width { reflections[step, block] = a[step, block] }
            for column in (4 * first)..<(step + 1) { reflections[step, column: column] = 0 }
            let head = a[step, column: step + 1]
            var sum = BlockRows.Block()
            for block in first..<width { sum.addProduct(reflections[step, block], reflections[step, block]) }
            let squares = sum.sum()
            diagonal[step] = a[step, column: step]
            offDiagonal[step] = head
            // What is left of an exact zero below the head is no reason to reflect.
            guard squares - head * head > 0 else { continue }
            let length = head > 0 ? -squares.squareRoot() : squares.squareRoot()
            let factor = 2 / (squares - 2 * length * head + length * length)
            guard factor.isFinite else { continue }
            reflections[step, column: step + 1] = head - length
            offDiagonal[step] = length
            factors[step] = factor
            Tridiagonal.reflect(a, by: reflections, step: step, factor: factor, order: order, scratch: product)
        }
        if order > 0 { diagonal[order - 1] = a[order - 1, column: order - 1] }
    }

    /// `A ← PAP` for the reflection P of one step, on rows and columns after it.
    private static func reflect(
        _ a: borrowing BlockRows, by vectors: borrowing BlockRows, step: Int, factor: Double, order: Int,
        scratch: borrowing BlockRows
    ) {
        let first = (step + 1) / 4
        let width = a.width
        for block in first..<width { scratch[0, block] = BlockRows.Block() }
        for row in (step + 1)..<order {
            let entry = BlockRows.Block(repeating: factor * vectors[step, column: row])
            for block in first..<width { scratch[0, block].addProduct(a[row, block], entry) }
        }
        var dot = BlockRows.Block()
        for block in first..<width { dot.addProduct(scratch[0, block], vectors[step, block]) }
        let half = BlockRows.Block(repeating: -0.5 * factor * dot.sum())
        for block in first..<width { scratch[0, block].addProduct(vectors[step, block], half) }
        for row in (step + 1)..<order {
            let left = BlockRows.Block(repeating: -vectors[step, column: row])
            let right = BlockRows.Block(repeating: -scratch[0, column: row])
            for block in first..<width {
                var entries = a[row, block]
                entries.addProduct(scratch[0, block], left)
                entries.addProduct(vectors[step, block], right)
                a[row, block] = entries
            }
        }
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
        var dot = 0.0
        for index in (step + 1)..<order { dot += reflections[step, column: index] * x[index] }
        dot *= factors[step]
        for index in (step + 1)..<order { x[index] -= dot * reflections[step, column: index] }
    }

    /// `Q` with each row times a factor, row-major.
    ///
    /// - Complexity: O(order³), 4/3 order³ multiplications.
    func rotation(scaledBy scales: [Double]) -> [Double] {
        let rows = BlockRows(rows: order, columns: order)
        let product = BlockRows(rows: 1, columns: order)
        let width = rows.width
        for row in 0..<order { rows[row, column: row] = 1 }
        for step in stride(from: order - 2, through: 0, by: -1) where factors[step] > 0 {
            // Rows and columns up to `step` still are those of the identity.
            let first = (step + 1) / 4
            for block in first..<width { product[0, block] = BlockRows.Block() }
            for row in (step + 1)..<order {
                let entry = BlockRows.Block(repeating: factors[step] * reflections[step, column: row])
                for block in first..<width { product[0, block].addProduct(rows[row, block], entry) }
            }
            for row in (step + 1)..<order {
                let entry = BlockRows.Block(repeating: -reflections[step, column: row])
                for block in first..<width { rows[row, block].addProduct(product[0, block], entry) }
            }
        }
        var result: [Double] = []
        result.reserveCapacity(order * order)
        for row in 0..<order {
            for column in 0..<order { result.append(rows[row, column: column] * scales[row]) }
        }
        return result
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
