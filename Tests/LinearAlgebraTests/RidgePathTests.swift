import LinearAlgebra
import Testing

/// Ridge regression of the Nile's flow on its last three years and on time.
///
/// Reference: scikit-learn 1.9.1, `StandardScaler` and then `Ridge(alpha: λ, solver: "cholesky")` at each of the 17
/// penalties; generalised cross-validation from its residuals and `tr Z (ZᵀZ + λI)⁻¹ Zᵀ`. `RidgeCV` over the same
/// penalties, by leave-one-out errors, chooses the same one. Both solve the same well-conditioned equations of order 4, so
/// that only rounding may tell them apart: 1e-9 leaves a hundred times what was seen.
@Suite struct RidgePathTests {
    static let losses = [
        21099.108732759363, 21098.52394058069, 21096.68016260046, 21090.90423693237, 21073.17412255897,
        21022.125895969977, 20902.28770070679, 20776.415935232315, 21213.76427708395, 23173.325357609305,
        25899.90660790606, 27653.998768120022, 28385.52707846195, 28639.902995362863, 28722.867083800513,
        28749.362513491895, 28757.76733760816,
    ]

    @Test func matchesScikitLearn() throws {
        let path = try RidgePath(RidgePathTests.sums(RidgePathTests.nile))
        for (loss, expected) in zip(path.losses, RidgePathTests.losses) {
            #expect((loss - expected).magnitude < 1e-9 * expected)
        }
        #expect(path.chosen == 7)
        #expect((path.penalty - 30.67409330363328).magnitude < 1e-9)
        let coefficients = [0.2500677945189667, 0.11676481323195828, 0.08070764528532896, -1.138235855552431]
        for (coefficient, expected) in zip(path.coefficients, coefficients) {
            #expect((coefficient - expected).magnitude < 1e-9)
        }
        #expect((path.intercept - 560.9205565855252).magnitude < 1e-6)
    }

    @Test func sumsOfPartsAreTheSumsOfTheWhole() throws {
        let whole = try RidgePath(RidgePathTests.sums(RidgePathTests.nile))
        var parts = RegressionSums(columns: 4)
        for range in [3..<40, 40..<41, 41..<100] { parts.add(RidgePathTests.sums(RidgePathTests.nile, range)) }
        let path = try RidgePath(parts)
        for (one, other) in zip(path.coefficients, whole.coefficients) { #expect((one - other).magnitude < 1e-9) }
    }

    /// Two targets beside each other are each as by itself, one of them constant.
    @Test func severalTargetsShareTheirRegressors() throws {
        let regressors: [[Double]] = [[1, 4], [2, 1], [4, 3], [7, 5], [8, 2], [9, 9]]
        let targets: [[Double]] = [[3, 7, 2], [1, 7, 5], [4, 7, 1], [8, 7, 3], [6, 7, 9], [12, 7, 4]]
        let table: [Double] = (0..<6).flatMap { row -> [Double] in regressors[row] + targets[row] + [1.0] }
        let paths = try RidgePath.paths(table: table, rows: 6, columns: 2, targets: 3)
        #expect(paths.count == 3)
        for (target, path) in paths.enumerated() {
            let own: [Double] = (0..<6).flatMap { row -> [Double] in regressors[row] + [targets[row][target], 1.0] }
            let alone = try RidgePath(RegressionSums(table: own, rows: 6, columns: 2))
            #expect(path.chosen == alone.chosen)
            for (one, other) in zip(path.coefficients, alone.coefficients) {
                #expect((one - other).magnitude < 1e-12)
            }
            #expect((path.intercept - alone.intercept).magnitude < 1e-12)
        }
        #expect(paths[1].coefficients == [0, 0])
        #expect(throws: LinearAlgebraError.notFinite) {
            try RidgePath.paths(table: [1, 2, 3, 1, 2, 5, .infinity, 1], rows: 2, columns: 1, targets: 2)
        }
    }

    /// A constant regressor, a constant target, and one regressor alone.
    @Test func degenerateInput() throws {
        let constant = try RidgePath(RegressionSums(table: [1, 5, 2, 1, 2, 5, 4, 1, 3, 5, 6, 1], rows: 3, columns: 2))
        #expect(constant.coefficients[1] == 0)
        #expect(constant.coefficients[0] > 1.9)
        let still = try RidgePath(RegressionSums(table: [1, 7, 1, 2, 7, 1, 3, 7, 1], rows: 3, columns: 1))
        #expect(still.coefficients == [0])
        #expect((still.intercept - 7).magnitude < 1e-12)
        #expect(throws: LinearAlgebraError.notFinite) {
            try RidgePath(RegressionSums(table: [1, .nan, 1, 2, 7, 1], rows: 2, columns: 1))
        }
    }

    /// Rows of lags 1, 2 and 3, time, the value, and 1.
    private static func sums(_ values: [Double], _ range: Range<Int>? = nil) -> RegressionSums {
        let range = range ?? 3..<values.count
        var table: [Double] = []
        for time in range {
            for lag in 1...3 { table.append(values[time - lag]) }
            table.append(contentsOf: [Double(time), values[time], 1])
        }
        return RegressionSums(table: table, rows: range.count, columns: 4)
    }

    /// Annual flow of the Nile at Aswan, 10⁸ m³, 1871 to 1970 (Cobb 1978; R's `Nile`).
    static let nile: [Double] = [
        1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958,
        1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020,
        1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796,
        1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848,
        890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
    ]
}
