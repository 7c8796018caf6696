/// The normal equations of some rows: sums of products of regressors and target, so that parts can be added.
public struct RegressionSums: Sendable {
    /// The number of regressors.
    public let columns: Int
    /// How many rows were added up.
    public private(set) var rows = 0.0
    /// Sums of products, order × order, row-major: the regressors, then the target, then a column of ones.
    public private(set) var products: [Double]

    private var order: Int { columns + 2 }

    /// No rows.
    public init(columns: Int) {
        self.columns = columns
        products = [Double](repeating: 0, count: (columns + 2) * (columns + 2))
    }

    /// The sums over rows of a row-major matrix whose columns are the regressors, the target and ones.
    public init(table: [Double], rows: Int, columns: Int) {
        self.init(columns: columns)
        self.rows = Double(rows)
        Products.gram(table, rows: rows, columns: columns + 2, into: &products)
    }

    /// The sums over rows that count `weights` times each, not negative; as many weights as rows.
    public init(table: [Double], rows: Int, columns: Int, weights: [Double]) {
        precondition(weights.count >= rows)
        var weighted = table
        for row in 0..<rows {
            let root = weights[row].squareRoot()
            for index in (row * (columns + 2))..<((row + 1) * (columns + 2)) { weighted[index] *= root }
        }
        self.init(table: weighted, rows: rows, columns: columns)
        self.rows = weights[0..<rows].reduce(0, +)
    }

    /// Sums worked out elsewhere, order × order, row-major: the regressors, then the target, then ones.
    public init(columns: Int, rows: Double, products: [Double]) {
        precondition(products.count == (columns + 2) * (columns + 2), "The sums are not those of so many regressors.")
        self.columns = columns
        self.rows = rows
        self.products = products
    }

    /// The sum of the target.
    public var targetSum: Double { products[columns * order + columns + 1] }

    /// The sum of each regressor.
    public var sums: [Double] { (0..<columns).map { products[$0 * order + columns + 1] } }

    /// Adds the rows of another of as many regressors.
    public mutating func add(_ other: RegressionSums) {
        precondition(other.columns == columns, "Sums of different regressors cannot be added.")
        for index in products.indices { products[index] += other.products[index] }
        rows += other.rows
    }

    /// Makes the sums those of `(value − shift) · factor`, regressors and target alike.
    public mutating func rescale(shift: Double, factor: Double) {
        let ones = columns + 1
        let totals = (0..<ones).map { products[$0 * order + ones] }
        for row in 0..<ones {
            for column in 0..<ones {
                let moved = products[row * order + column] - shift * (totals[row] + totals[column] - rows * shift)
                products[row * order + column] = moved * factor * factor
            }
            let total = (totals[row] - rows * shift) * factor
            products[row * order + ones] = total
            products[ones * order + row] = total
        }
    }

    /// Normal equations of regressors centred and of unit variance and of the centred target.
    struct Standardized {
        var gram: [Double]
        var moment: [Double]
        var targetSquares: Double
        /// The inverse standard deviation of each regressor; 0 for a constant one.
        var inverseScales: [Double]
    }

    func standardized() -> Standardized {
        let ones = columns + 1
        var inverse = [Double](repeating: 0, count: columns)
        for column in 0..<columns {
            let total = products[column * order + column]
            let mean = products[column * order + ones] / rows
            let variance = total / rows - mean * mean
            // What is left of a constant column is rounding.
            if variance > 1e-13 * total / rows { inverse[column] = 1 / variance.squareRoot() }
        }
        var gram = [Double](repeating: 0, count: columns * columns)
        var moment = [Double](repeating: 0, count: columns)
        for row in 0..<columns {
            let mean = products[row * order + ones] / rows
            for column in 0..<columns {
                let centred = products[row * order + column] - mean * products[column * order + ones]
                gram[row * columns + column] = centred * inverse[row] * inverse[column]
            }
            moment[row] = (products[row * order + columns] - mean * targetSum) * inverse[row]
        }
        let squares = products[columns * order + columns] - targetSum * targetSum / rows
        return Standardized(gram: gram, moment: moment, targetSquares: max(squares, 0), inverseScales: inverse)
    }
}
