import LinearAlgebra
import Testing

/// The normal equations of lags, by ends and by rows.
@Suite struct LagSumsTests {
    private static let values: [Double] = (0..<90).map { (time: Int) -> Double in
        let wave = (time * time * 37 + time * 11) % 101
        return Double(wave) / 17 + Double(time) / 9
    }

    /// The sums of a table of the rows themselves; only rounding may tell them apart: 1e-12 of the largest sum.
    @Test(arguments: [[1], [1, 2, 3, 4, 5], Array(1...12), [1, 2, 3, 11, 12, 13, 20]])
    func sumsOfEndsAreThoseOfRows(lags: [Int]) {
        for leavingOut in [[], [31, 32, 60]] {
            let sums = RegressionSums(of: LagSumsTests.values, lags: lags, over: 25..<88, leavingOut: leavingOut)
            let times = (25..<88).filter { !leavingOut.contains($0) }
            let plain = LagSumsTests.plain(times, lags: lags)
            #expect(sums.rows == plain.rows)
            let scale: Double = 1e-12 * 63 * 400
            #expect((sums.targetSum - plain.targetSum).magnitude < scale)
            for (one, other) in zip(sums.products, plain.products) { #expect((one - other).magnitude < scale) }
        }
    }

    @Test func noRowsAreNoSums() {
        let none = RegressionSums(of: LagSumsTests.values, lags: [1, 2], over: 30..<30)
        #expect(none.rows == 0 && none.products.allSatisfy { $0 == 0 })
        let missing = RegressionSums(of: LagSumsTests.values, lags: [1, 2], over: 30..<32, leavingOut: [30, 31])
        #expect(missing.rows == 0 && missing.products.allSatisfy { $0 == 0 })
    }

    /// Sums of `(value − shift) · factor` are those of the values, changed.
    @Test func rescaledSums() {
        let moved = LagSumsTests.values.map { ($0 - 3.5) * 0.25 }
        var sums = RegressionSums(of: LagSumsTests.values, lags: [1, 2, 3], over: 5..<80)
        sums.rescale(shift: 3.5, factor: 0.25)
        let expected = RegressionSums(of: moved, lags: [1, 2, 3], over: 5..<80)
        for (one, other) in zip(sums.products, expected.products) { #expect((one - other).magnitude < 1e-9) }
    }

    /// A weight of 2 is a row twice.
    @Test func weightsCountRows() throws {
        let times = Array(25..<60)
        let weights = times.map { Double([1, 2, 3][$0 % 3]) }
        let weighted = RegressionSums(
            table: LagSumsTests.table(times, lags: [1, 2]), rows: times.count, columns: 2, weights: weights)
        let repeated = times.indices.flatMap { [Int](repeating: times[$0], count: Int(weights[$0])) }
        let plain = LagSumsTests.plain(repeated, lags: [1, 2])
        #expect(weighted.rows == plain.rows)
        let one = try RidgePath(weighted)
        let other = try RidgePath(plain)
        #expect(one.chosen == other.chosen)
        for (one, other) in zip(one.coefficients, other.coefficients) { #expect((one - other).magnitude < 1e-9) }
    }

    private static func plain(_ times: [Int], lags: [Int]) -> RegressionSums {
        RegressionSums(table: table(times, lags: lags), rows: times.count, columns: lags.count)
    }

    private static func table(_ times: [Int], lags: [Int]) -> [Double] {
        var table: [Double] = []
        for time in times {
            for lag in lags { table.append(values[time - lag]) }
            table.append(contentsOf: [values[time], 1])
        }
        return table
    }
}
