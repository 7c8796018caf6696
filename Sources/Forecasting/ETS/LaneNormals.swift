/// The normal equations of eight least-squares problems: JᵀJ, Jᵀr and rᵀr, as one symmetric matrix with the residual as
/// the last column.
struct LaneNormals: ~Copyable {
    /// How many unknowns.
    let unknowns: Int
    /// Entries per row: the unknowns and the residual, made even so that tiles of two by two fit.
    let stride: Int
    /// Row-major; entries with column ≤ row count.
    let entries: LaneBuffer

    init(unknowns: Int) {
        self.unknowns = unknowns
        stride = (unknowns + 2) / 2 * 2
        entries = LaneBuffer(count: stride * stride)
    }

    /// The place of an entry, row ≥ column.
    @inline(__always) func place(_ row: Int, _ column: Int) -> Int { row * stride + column }

    /// Jᵀr of an unknown.
    @inline(__always) func gradient(_ unknown: Int) -> Lanes { entries[place(unknowns, unknown)] }

    /// rᵀr.
    var squares: Lanes { entries[place(unknowns, unknowns)] }

    /// Sets all to 0.
    func clear() { entries.fill(0..<entries.count) }

    /// Takes the lanes of another where `mask` holds.
    func replace(with other: borrowing LaneNormals, where mask: LaneMask) {
        for row in 0...unknowns {
            for index in place(row, 0)...place(row, row) {
                entries[index] = entries[index].replacing(with: other.entries[index], where: mask)
            }
        }
    }

    /// Adds JᵀJ of `number` rows, each `stride` entries wide with the residual last (and 0 after it where padded).
    func add(_ rows: borrowing LaneBuffer, number: Int) {
        let width = stride
        let entries = self.entries.view
        let rows = rows.view
        for row in Swift.stride(from: 0, to: width, by: 2) {
            for column in Swift.stride(from: 0, through: row, by: 2) {
                var upperLeft = entries[row * width + column]
                var upperRight = entries[row * width + column + 1]
                var lowerLeft = entries[(row + 1) * width + column]
                var lowerRight = entries[(row + 1) * width + column + 1]
                // Wrapping arithmetic: an overflow check per load costs a third of the loop.
                let nextRow = row + 1
                let nextColumn = column + 1
                var start = 0
                for _ in 0..<number {
                    let left = rows[start &+ row]
                    let nextLeft = rows[start &+ nextRow]
                    let right = rows[start &+ column]
                    let nextRight = rows[start &+ nextColumn]
                    upperLeft.addProduct(left, right)
                    upperRight.addProduct(left, nextRight)
                    lowerLeft.addProduct(nextLeft, right)
                    lowerRight.addProduct(nextLeft, nextRight)
                    start &+= width
                }
                entries[row * width + column] = upperLeft
                entries[row * width + column + 1] = upperRight
                entries[(row + 1) * width + column] = lowerLeft
                entries[(row + 1) * width + column + 1] = lowerRight
            }
        }
    }
}
