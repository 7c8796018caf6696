/// Rows centred and times the root of their weight.
struct CentredRows {
    /// The centred target times the root of each weight.
    let target: [Double]
    /// The mean of the target.
    let targetMean: Double
    /// The mean of each regressor.
    private(set) var means: [Double]
    /// The sum of weights.
    let weight: Double
    /// The leverage each row has by the intercept alone.
    let interceptLeverages: [Double]

    /// Centres regressors, rows × columns, row-major, in place.
    ///
    /// - Parameter weights: one per row; empty for all 1.
    init(_ regressors: inout [Double], target: [Double], rows: Int, columns: Int, weights: [Double]) {
        let roots = weights.isEmpty ? [] : weights.map { $0.squareRoot() }
        let total = weights.isEmpty ? Double(rows) : weights[0..<rows].reduce(0, +)
        var targetMean = 0.0
        for row in 0..<rows { targetMean += (weights.isEmpty ? 1 : weights[row]) * target[row] }
        targetMean /= total
        self.target = (0..<rows).map { (target[$0] - targetMean) * (roots.isEmpty ? 1 : roots[$0]) }
        self.targetMean = targetMean
        weight = total
        interceptLeverages = (0..<rows).map { (weights.isEmpty ? 1 : weights[$0]) / total }
        var means = [Double](repeating: 0, count: columns)
        unsafe regressors.withUnsafeMutableBytes { bytes in
            var column = 0
            while column + 4 <= columns {
                let mean = unsafe CentredRows.centreFour(
                    bytes, at: column, rows: rows, columns: columns, weights: weights, roots: roots, total: total)
                for lane in 0..<4 { means[column + lane] = mean[lane] }
                column += 4
            }
            while column < columns {
                means[column] = unsafe CentredRows.centreOne(
                    bytes, at: column, rows: rows, columns: columns, weights: weights, roots: roots, total: total)
                column += 1
            }
        }
        self.means = means
    }

    /// Centres four columns from one on and gives their means.
    private static func centreFour(
        _ bytes: UnsafeMutableRawBufferPointer, at column: Int, rows: Int, columns: Int, weights: [Double],
        roots: [Double], total: Double
    ) -> SIMD4<Double> {
        let stride = MemoryLayout<Double>.stride
        var mean = SIMD4<Double>()
        for row in 0..<rows {
            let entries = unsafe bytes.loadUnaligned(
                fromByteOffset: (row * columns + column) * stride, as: SIMD4<Double>.self)
            mean += weights.isEmpty ? entries : entries * weights[row]
        }
        mean /= total
        for row in 0..<rows {
            let offset = (row * columns + column) * stride
            let entries = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: SIMD4<Double>.self) - mean
            unsafe bytes.storeBytes(
                of: roots.isEmpty ? entries : entries * roots[row], toByteOffset: offset, as: SIMD4<Double>.self)
        }
        return mean
    }

    /// Centres one column and gives its mean.
    private static func centreOne(
        _ bytes: UnsafeMutableRawBufferPointer, at column: Int, rows: Int, columns: Int, weights: [Double],
        roots: [Double], total: Double
    ) -> Double {
        let entries = unsafe bytes.bindMemory(to: Double.self)
        var mean = 0.0
        for row in 0..<rows { unsafe mean += (weights.isEmpty ? 1 : weights[row]) * entries[row * columns + column] }
        mean /= total
        for row in 0..<rows {
            let index = row * columns + column
            unsafe entries[index] = (entries[index] - mean) * (roots.isEmpty ? 1 : roots[row])
        }
        return mean
    }

    /// The sum of squared leave-one-out errors of the mean alone.
    func squaredErrors() -> Double {
        var sum = 0.0
        for row in target.indices {
            let error = target[row] / max(1 - interceptLeverages[row], 1e-6)
            sum += error * error
        }
        return sum
    }

    /// Brings a Gram matrix of the rows and their moment with the target to regressors of unit variance.
    ///
    /// - Returns: the inverse standard deviation of each regressor; 0 for a constant one.
    func standardize(_ gram: inout [Double], _ moment: inout [Double]) -> [Double] {
        let columns = means.count
        let inverse = (0..<columns).map { column in
            let variance = gram[column * columns + column] / weight
            // What is left of a constant column is rounding.
            return variance > 1e-26 * means[column] * means[column] ? 1 / variance.squareRoot() : 0
        }
        for row in 0..<columns {
            moment[row] *= inverse[row]
            for column in 0..<columns { gram[row * columns + column] *= inverse[row] * inverse[column] }
        }
        return inverse
    }
}
