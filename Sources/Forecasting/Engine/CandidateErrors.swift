/// How the backtest errors of one series' candidates go together.
struct CandidateErrors: Sendable {
    /// Whose errors they are: series are pooled that have this in common.
    struct Group: Hashable, Sendable {
        var demandClass: DemandClass
        /// The candidates that could be fitted, in the order they were tried in.
        var specifications: [ModelSpecification]
    }

    /// What the series has in common with others.
    let group: Group
    /// Mean products of errors, row-major, candidate × candidate, divided by the candidates' mean square, so that every
    /// series counts the same; all 0 where none ever erred.
    let products: [Double]

    /// Measures candidates on one plan.
    init(_ group: Group, tables: [BacktestTable], history: History, plan: BacktestPlan) {
        self.group = group
        let errors = tables.map { $0.errors(history, plan: plan).filter { $0 == $0 } }
        let number = tables.count
        var products = [Double](repeating: 0, count: number * number)
        var trace = 0.0
        for row in 0..<number {
            for column in 0...row {
                var sum = 0.0
                for (left, right) in zip(errors[row], errors[column]) { sum += left * right }
                products[row * number + column] = sum
                products[column * number + row] = sum
            }
            trace += products[row * number + row]
        }
        let scale = trace > 0 && trace.isFinite ? Double(number) / trace : 0
        for index in products.indices { products[index] *= scale }
        self.products = products
    }
}

/// The shares of a combination that do best over a class of series.
///
/// They minimise the mean squared error `wᵀGw` of the combination, G being the mean of `CandidateErrors.products`, plus a
/// penalty for unequal shares that fades with the number of series: stacked regressions with shares that are not negative
/// and add up to 1 (Breiman, "Stacked Regressions", Machine Learning 24, 1996).
struct StackedShares: Sendable {
    /// A share per candidate; they add up to 1.
    let shares: [Double]
    /// How many series they come from.
    let series: Int

    /// Equal shares count as much as this many series.
    private static let equalSeries = 10.0

    /// Shares over series of one group; their order changes nothing but rounding.
    init(_ errors: [CandidateErrors]) {
        let number = errors.first?.group.specifications.count ?? 0
        var mean = [Double](repeating: 0, count: number * number)
        var series = 0
        for one in errors where one.products.contains(where: { $0 != 0 }) {
            for index in mean.indices { mean[index] += one.products[index] }
            series += 1
        }
        self.series = series
        let equal = [Double](repeating: 1 / Double(max(number, 1)), count: number)
        guard series > 0 else {
            shares = equal
            return
        }
        for index in mean.indices { mean[index] /= Double(series) }
        let penalty = StackedShares.equalSeries / Double(series)
        // The penalty r |w − 1/K|² is r wᵀw and a constant, since shares add up to 1.
        for index in 0..<number { mean[index * number + index] += penalty }
        shares = StackedShares.minimum(mean, from: equal)
    }

    /// The point of least `wᵀGw` among shares, by exchanges between the share that gains most and the one that loses
    /// least, each of the best size.
    private static func minimum(_ matrix: [Double], from start: [Double]) -> [Double] {
        let number = start.count
        var shares = start
        var gradient = [Double](repeating: 0, count: number)
        for row in 0..<number {
            for column in 0..<number { gradient[row] += matrix[row * number + column] * shares[column] }
        }
        for _ in 0..<(50 * number) {
            var lowest = 0
            var highest = -1
            for index in 0..<number {
                if gradient[index] < gradient[lowest] { lowest = index }
                if shares[index] > 0 && (highest < 0 || gradient[index] > gradient[highest]) { highest = index }
            }
            let gain = gradient[highest] - gradient[lowest]
            guard gain > 1e-9 else { break }
            let curvature =
                matrix[lowest * number + lowest] + matrix[highest * number + highest]
                - 2 * matrix[lowest * number + highest]
            let step = curvature > 0 ? min(shares[highest], gain / curvature) : shares[highest]
            shares[lowest] += step
            shares[highest] = step == shares[highest] ? 0 : shares[highest] - step
            for index in 0..<number {
                gradient[index] += step * (matrix[index * number + lowest] - matrix[index * number + highest])
            }
        }
        return shares
    }
}
