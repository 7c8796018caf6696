/// Solves eight damped normal equations at once by LDLᵀ.
struct LaneCholesky: ~Copyable {
    private let order: Int
    private let factor: LaneBuffer
    private let inverse: LaneBuffer
    private let solution: LaneBuffer

    init(order: Int) {
        self.order = order
        factor = LaneBuffer(count: order * order)
        inverse = LaneBuffer(count: order)
        solution = LaneBuffer(count: order)
    }

    /// The step of an unknown after `solve`.
    @inline(__always) func step(_ unknown: Int) -> Lanes { solution[unknown] }

    /// Solves `(N + λ diag N) x = −g`, where unknowns marked in `held` (the first ones alone can be) do not move.
    ///
    /// Marquardt's (1963) scaling makes the step independent of the units. A pivot that rounding left at 0 or below is
    /// set to a small share of its diagonal, so that a direction the data says nothing about hardly moves.
    func solve(_ normals: borrowing LaneNormals, damping: Lanes, held: [LaneMask]) {
        let raised = 1 + damping
        for row in 0..<order {
            for column in 0...row {
                var value = normals.entries[normals.place(row, column)]
                if column < held.count { value.replace(with: 0, where: held[column]) }
                if row < held.count { value.replace(with: 0, where: held[row]) }
                factor[row * order + column] = value
            }
            let place = row * order + row
            let diagonal = factor[place]
            factor[place] = (diagonal * raised).replacing(with: 1, where: .!(diagonal .> 0))
            var start = -normals.gradient(row)
            if row < held.count { start.replace(with: 0, where: held[row]) }
            solution[row] = start.kept(where: diagonal .> 0)
        }
        for row in 0..<order {
            let original = factor[row * order + row]
            var pivot = original
            // Row `row` of L·D is built in place; L itself is that over D.
            // Column after column, so that the updates of one do not wait for each other.
            for column in 0..<row {
                let value = factor[row &* order &+ column]
                var below = column + 1
                while below < row {
                    factor[row &* order &+ below].subtractProduct(value, factor[below &* order &+ column])
                    below &+= 1
                }
            }
            for column in 0..<row {
                let scaled = factor[row * order + column]
                let lower = scaled * inverse[column]
                pivot.subtractProduct(scaled, lower)
                factor[row * order + column] = lower
            }
            let least = original * 1e-14
            pivot = pivot.replacing(with: least, where: .!(pivot .> least))
            inverse[row] = 1 / pivot
            // Rows below multiply by L, this row's unscaled entries are no longer needed.
            var value = solution[row]
            for column in 0..<row { value.subtractProduct(factor[row * order + column], solution[column]) }
            solution[row] = value
        }
        for row in 0..<order { solution[row] *= inverse[row] }
        for row in Swift.stride(from: order - 1, through: 0, by: -1) {
            let value = solution[row]
            for column in 0..<row {
                solution[column].subtractProduct(factor[row * order + column], value)
            }
        }
    }
}
