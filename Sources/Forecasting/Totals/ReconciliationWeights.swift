internal import LinearAlgebra

/// The errors of some forecasts at the same points, over what is usual for demand of their size.
struct ErrorRows: Sendable {
    /// How many points there are.
    let columns: Int
    /// Error over ``scale(_:_:)``, row-major, forecast × point; 0 where it was not tested.
    let values: [Double]
    /// The mean forecast at those points; 0 where none was made.
    let levels: [Double]
    /// The mean square of what is known of a row.
    let variances: [Double]

    /// Where less than this share of the usual size was forecast, an error tells nothing of the usual ones.
    private static let leastScale = 0.05
    /// Nothing is known to less than this share of its level.
    private static let leastVariance = 1e-9

    /// The errors at (origin, step), with steps from 0.
    init(_ forecasts: [BaseForecast], _ points: [(origin: Int, step: Int)]) {
        columns = points.count
        var values = [Double](repeating: 0, count: forecasts.count * points.count)
        var (levels, variances): ([Double], [Double]) = ([], [])
        for (row, forecast) in forecasts.enumerated() {
            let known = points.map { forecast.fold($0.origin, $0.step) }
            let made = known.compactMap { $0.map { max($0.forecast, 0) } }
            let size = made.isEmpty ? forecast.mean.map { max($0, 0) } : made
            let level = size.reduce(0, +) / Double(max(size.count, 1))
            var (sum, count) = (0.0, 0)
            for (column, one) in known.enumerated() {
                guard let one else { continue }
                let scale = ErrorRows.scale(one.forecast, level)
                guard scale >= ErrorRows.leastScale else { continue }
                let value = one.error / scale
                values[row * points.count + column] = value
                sum += value * value
                count += 1
            }
            levels.append(level)
            // One that was never tested may be off by all of it.
            variances.append(
                max(count > 0 ? sum / Double(count) : level * level, ErrorRows.leastVariance * level * level))
        }
        (self.values, self.levels, self.variances) = (values, levels, variances)
    }

    /// How large errors are at a forecast, over what they are at its level: as of counts, whose variance is their mean.
    static func scale(_ forecast: Double, _ level: Double) -> Double {
        level > 0 ? (max(forecast, 0) / level).squareRoot() : 0
    }

    /// The scales of some forecasts, in the order of the rows.
    func scales(_ forecasts: [Double]) -> [Double] {
        forecasts.indices.map { ErrorRows.scale(forecasts[$0], levels[$0]) }
    }
}

/// How far each forecast is moved for them all to agree, by what they were off by.
struct ReconciliationWeights: Sendable {
    private let totals: ErrorRows
    private let parts: ErrorRows
    private let memberships: [[Int]]
    /// The share λ of the covariance that is taken for none.
    let shrinkage: Double

    /// Weights from errors at the same points.
    init(totals: ErrorRows, parts: ErrorRows, memberships: [[Int]], usesCovariance: Bool) {
        (self.totals, self.parts, self.memberships) = (totals, parts, memberships)
        shrinkage = usesCovariance ? ErrorShrinkage.intensity([totals, parts]) : 1
    }

    /// What is added to each part so that totals forecast for themselves and those of their parts agree.
    ///
    /// `incoherence` is what each total has more than its parts; the other two are the forecasts it came of. Where
    /// `nonNegative`, at most what is forecast is taken away.
    func moved(totals total: [Double], parts part: [Double], incoherence: [Double], nonNegative: Bool) -> [Double] {
        let (order, columns) = (total.count, parts.columns)
        let (totalScales, partScales) = (totals.scales(total), parts.scales(part))
        var system = [Double](repeating: 0, count: order * order)
        // C′: a row for each point.
        var errors = [Double](repeating: 0, count: columns * order)
        for place in 0..<order {
            let scale = totalScales[place]
            system[place * order + place] = shrinkage * scale * scale * totals.variances[place]
            for column in 0..<columns {
                errors[column * order + place] = scale * totals.values[place * columns + column]
            }
        }
        for (place, scale) in partScales.enumerated() where scale > 0 {
            let variance = shrinkage * scale * scale * parts.variances[place]
            for row in memberships[place] {
                for column in memberships[place] { system[row * order + column] += variance }
                for column in 0..<columns {
                    errors[column * order + row] -= scale * parts.values[place * columns + column]
                }
            }
        }
        if shrinkage < 1 {
            var products = [Double](repeating: 0, count: order * order)
            Products.gram(errors, rows: columns, columns: order, into: &products)
            let weight = (1 - shrinkage) / Double(columns)
            for place in system.indices { system[place] += weight * products[place] }
        }
        // A day on which nothing is forecast has no row of its own; and two totals may be all but the same.
        let largest = (0..<order).reduce(0) { max($0, system[$1 * order + $1]) }
        for place in 0..<order { system[place * order + place] += 1e-9 * (system[place * order + place] + largest) }
        var solution = incoherence
        guard largest > 0, (try? Cholesky.solve(&system, &solution, order: order)) != nil else {
            return [Double](repeating: 0, count: part.count)
        }
        var pulls = [Double](repeating: 0, count: columns)
        if shrinkage < 1 {
            Products.multiply(errors, rows: columns, columns: order, by: solution, into: &pulls)
        }
        let weight = (1 - shrinkage) / Double(max(columns, 1))
        return partScales.indices.map { place in
            let scale = partScales[place]
            guard scale > 0 else { return 0 }
            let own = memberships[place].reduce(0) { $0 + solution[$1] }
            var common = 0.0
            if shrinkage < 1 {
                for column in 0..<columns { common += parts.values[place * columns + column] * pulls[column] }
            }
            let move = scale * (shrinkage * parts.variances[place] * scale * own - weight * common)
            return nonNegative ? max(move, -part[place]) : move
        }
    }
}

/// How much of the correlations of many errors, known from few points, is to be taken for chance.
///
/// λ = Σ Var(r) / Σ r² over all pairs of rows, r their correlation (Schäfer and Strimmer 2005, "A shrinkage approach to large-scale
/// covariance matrix estimation", section 2.4, target D). Both sums are taken without any pair: Σ r² from the products of
/// points, Σ Var(r) from the sum of squares at each.
enum ErrorShrinkage {
    /// λ of rows over the same points, 0 to 1; 1 where there is no correlation, or too few points to tell.
    static func intensity(_ rows: [ErrorRows]) -> Double {
        let points = rows.first?.columns ?? 0
        guard points > 2 else { return 1 }
        var products = [Double](repeating: 0, count: points * points)
        var (squares, fourths) = ([Double](repeating: 0, count: points), 0.0)
        var own = 0.0
        for part in rows {
            let count = part.variances.count
            var scaled = part.values
            for row in 0..<count {
                let unit = part.variances[row] > 0 ? 1 / part.variances[row].squareRoot() : 0
                var sum = 0.0
                for column in 0..<points {
                    scaled[row * points + column] *= unit
                    let square = scaled[row * points + column] * scaled[row * points + column]
                    squares[column] += square
                    fourths += square * square
                    sum += square
                }
                own += (sum / Double(points)) * (sum / Double(points))
            }
            var gram = [Double](repeating: 0, count: points * points)
            Products.gram(scaled, rows: count, columns: points, into: &gram)
            for place in products.indices { products[place] += gram[place] }
        }
        let number = Double(points)
        let correlations = products.reduce(0) { $0 + $1 * $1 } / (number * number) - own
        let variances = (squares.reduce(0) { $0 + $1 * $1 } - fourths) / number - correlations
        guard correlations > 0 else { return 1 }
        return min(1, max(0, variances / (number - 1) / correlations))
    }
}
