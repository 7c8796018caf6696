/// A dense matrix in one flat array, row after row.
///
/// Entry (i, j) is `elements[i * columns + j]`. Rows may be zero; there is no view and no stride.
public struct Matrix: Sendable, Hashable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// All entries, row-major, `rows * columns` of them.
    public var elements: [Double]

    /// A matrix filled with one value.
    public init(rows: Int, columns: Int, repeating value: Double = 0) {
        precondition(rows >= 0 && columns >= 0, "A matrix has no negative extent.")
        self.rows = rows
        self.columns = columns
        elements = [Double](repeating: value, count: rows * columns)
    }

    /// A matrix of given entries, row-major; their number must be `rows * columns`.
    public init(rows: Int, columns: Int, elements: [Double]) {
        precondition(elements.count == rows * columns, "The number of entries is not rows × columns.")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// The entry in a row and a column, both from 0.
    public subscript(row: Int, column: Int) -> Double {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }
}
