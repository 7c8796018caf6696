extension RidgePath {
    /// Ridge regressions of several targets on the same regressors: what those have in common is reduced once, and each
    /// target has a penalty of its own.
    ///
    /// - Parameters:
    ///   - table: row-major, in each row the regressors, then the targets, then a one.
    ///   - rows: how many rows, at least 2.
    ///   - columns: how many regressors, at least 1.
    ///   - targets: how many targets, at least 1.
    /// - Returns: the path of each target, as if it had been regressed by itself.
    /// - Throws: `LinearAlgebraError.notFinite` where a sum is NaN or infinite.
    public static func paths(
        table: [Double], rows: Int, columns: Int, targets: Int,
        relativePenalties: [Double] = RidgePath.relativePenalties
    ) throws(LinearAlgebraError) -> [RidgePath] {
        precondition(rows >= 2 && columns >= 1 && targets >= 1 && !relativePenalties.isEmpty)
        let width = columns + targets + 1
        var products = [Double](repeating: 0, count: width * width)
        Products.gram(table, rows: rows, columns: width, into: &products)
        let sums = (0..<targets).map { target in
            // The regressors, this target, the ones.
            let places = Array(0..<columns) + [columns + target, width - 1]
            return RegressionSums(
                columns: columns, rows: Double(rows),
                products: places.flatMap { row in places.map { products[row * width + $0] } })
        }
        let standards = sums.map { $0.standardized() }
        for standard in standards {
            guard standard.gram.allSatisfy(\.isFinite), standard.moment.allSatisfy(\.isFinite),
                standard.targetSquares.isFinite
            else { throw .notFinite }
        }
        let reduced = Tridiagonal(standards[0].gram, order: columns)
        var paths: [RidgePath] = []
        paths.reserveCapacity(targets)
        for (sums, standard) in zip(sums, standards) {
            paths.append(
                RidgePath(sums, standard: standard, reduced: reduced, relativePenalties: relativePenalties))
        }
        return paths
    }
}
