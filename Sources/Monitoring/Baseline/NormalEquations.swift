/// Sums of a least-squares fit with a slight ridge, so that it always has a solution.
struct NormalEquations {
    private let width: Int
    private var products: [Double]
    private var targets: [Double]
    private var count = 0

    init(width: Int) {
        self.width = width
        products = [Double](repeating: 0, count: width * width)
        targets = [Double](repeating: 0, count: width)
    }

    mutating func add(_ row: [Double], _ target: Double) {
        for left in 0..<width where row[left] != 0 {
            targets[left] += row[left] * target
            for right in 0...left { products[left * width + right] += row[left] * row[right] }
        }
        count += 1
    }

    /// The coefficients, by the Cholesky factor of the sums (Golub and Van Loan, "Matrix Computations", 4.2).
    func solution() -> [Double] {
        var factor = products
        let ridge = 1e-9 * Double(max(count, 1)) + 1e-9
        for column in 0..<width {
            var pivot = factor[column * width + column] + ridge
            for before in 0..<column { pivot -= factor[column * width + before] * factor[column * width + before] }
            let root = max(pivot, ridge).squareRoot()
            factor[column * width + column] = root
            for row in column + 1..<max(width, column + 1) {
                var value = factor[row * width + column]
                for before in 0..<column {
                    value -= factor[row * width + before] * factor[column * width + before]
                }
                factor[row * width + column] = value / root
            }
        }
        var solution = targets
        for row in 0..<width {
            for before in 0..<row { solution[row] -= factor[row * width + before] * solution[before] }
            solution[row] /= factor[row * width + row]
        }
        for row in (0..<width).reversed() {
            for after in row + 1..<max(width, row + 1) {
                solution[row] -= factor[after * width + row] * solution[after]
            }
            solution[row] /= factor[row * width + row]
        }
        return solution
    }
}
