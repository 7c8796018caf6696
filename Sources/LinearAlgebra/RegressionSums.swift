/// The normal equations of some rows: sums of products of regressors and target, so that parts can be added.
public struct RegressionSums: Sendable {
    /// The number of regressors.
    public let columns: Int
    /// How many rows were added up.
    public private(set) var rows = 0.0
    /// Sums of products, order × order, row-major: the regressors, then the target, then a column of ones.
    private var products: [Double]

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
