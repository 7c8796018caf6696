/// Rows of a matrix in blocks of four entries, padded with zeros, for the inner loops of a decomposition.
///
/// Indices are checked in debug builds only: the loops that use it index by their own counters, and a check per load
/// would cost as much as the arithmetic.
@safe struct BlockRows: ~Copyable {
    /// Four entries of a row.
    typealias Block = SIMD4<Double>

    private let storage: UnsafeMutablePointer<Block>
    /// How many blocks a row has.
    let width: Int
    private let rows: Int

    /// Rows of zeros for that many entries each.
    init(rows: Int, columns: Int) {
        self.rows = rows
        width = (columns + 3) / 4
        let count = max(rows * width, 1)
        unsafe storage = UnsafeMutablePointer<Block>.allocate(capacity: count)
        unsafe storage.initialize(repeating: Block(), count: count)
    }

    deinit { unsafe storage.deallocate() }

    /// A block of a row.
    subscript(row: Int, block: Int) -> Block {
        @inline(__always) get {
            assert(row >= 0 && row < rows && block >= 0 && block < width)
            return unsafe storage[row * width + block]
        }
        @inline(__always) nonmutating set {
            assert(row >= 0 && row < rows && block >= 0 && block < width)
            unsafe storage[row * width + block] = newValue
        }
    }

    /// An entry of a row.
    subscript(row: Int, column column: Int) -> Double {
        @inline(__always) get {
            assert(row >= 0 && row < rows && column >= 0 && column < 4 * width)
            return unsafe UnsafeRawPointer(storage).load(
                fromByteOffset: (row * width * 4 + column) * MemoryLayout<Double>.stride, as: Double.self)
        }
        @inline(__always) nonmutating set {
            assert(row >= 0 && row < rows && column >= 0 && column < 4 * width)
            unsafe UnsafeMutableRawPointer(storage).storeBytes(
                of: newValue, toByteOffset: (row * width * 4 + column) * MemoryLayout<Double>.stride, as: Double.self)
        }
    }
}
