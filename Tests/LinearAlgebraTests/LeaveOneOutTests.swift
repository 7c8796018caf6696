import LinearAlgebra
import Testing

/// Ridge regression of the Nile's flow on its last three years and on time, its penalty by leave-one-out errors.
///
/// Reference: scikit-learn 1.9.1, `StandardScaler` and then `Ridge(alpha: λ, solver: "cholesky")` fitted anew without each
/// row, for each of the 16 penalties; `RidgeCV` chooses the same one. The closed form is exact, so that only rounding may
/// tell them apart: 1e-9 leaves a hundred times what was seen.
@Suite struct LeaveOneOutTests {
    static let losses = [
        21297.536824104478, 21254.285465184767, 21162.547706096993, 21012.81323128654, 20922.491332276742,
        21313.78872871658, 22731.417596945248, 24912.884291646475, 26787.04106524134, 27877.925103372658,
        28391.89672682074, 28611.42824154841, 28701.35906934514, 28737.574212540178, 28752.05792584254,
        28757.834536189555,
    ]

    @Test func matchesRefitsOfScikitLearn() throws {
        let path = try LeaveOneOutTests.path()
        // The loss rises within the first eight: the others are not tried.
        #expect(path.losses.count == 8)
        for (loss, expected) in zip(path.losses, LeaveOneOutTests.losses) {
            #expect((loss - expected).magnitude < 1e-9 * expected)
        }
        #expect(path.chosen == 4)
        #expect((path.penalty - 38.61639554368924).magnitude < 1e-9)
        let coefficients = [0.23760287643548797, 0.11616561430439461, 0.08198862955397046, -1.093241840259353]
        for (coefficient, expected) in zip(path.coefficients, coefficients) {
            #expect((coefficient - expected).magnitude < 1e-9)
        }
        #expect((path.intercept - 569.4184207318923).magnitude < 1e-6)
    }

    /// Where the best penalty is a large one, all are tried.
    @Test func goesOnToLargePenalties() throws {
        var (x, y) = LeaveOneOutTests.rows()
        let penalties = (0..<16).map { 1e-9 * Double(1 << $0) } + [0.3981071705534973, 100]
        let path = try RidgePath(
            leaveOneOut: &x, target: y, rows: y.count, columns: 4, relativePenalties: penalties)
        #expect(path.losses.count == 18)
        #expect(path.chosen == 16)
        #expect((path.losses[16] - LeaveOneOutTests.losses[4]).magnitude < 1e-6)
    }

    /// The coefficients solve the normal equations of standardised regressors, here put together and solved directly.
    @Test func solvesTheNormalEquations() throws {
        let (x, y) = LeaveOneOutTests.rows()
        let path = try LeaveOneOutTests.path()
        let number = Double(y.count)
        var columns: [[Double]] = []
        var deviations: [Double] = []
        for column in 0..<4 {
            let values = y.indices.map { x[$0 * 4 + column] }
            let mean = values.reduce(0, +) / number
            let centred = values.map { $0 - mean }
            let deviation = (LeaveOneOutTests.dot(centred, centred) / number).squareRoot()
            deviations.append(deviation)
            columns.append(centred.map { $0 / deviation })
        }
        var gram = [Double](repeating: 0, count: 16)
        for row in 0..<4 {
            for column in 0..<4 { gram[row * 4 + column] = LeaveOneOutTests.dot(columns[row], columns[column]) }
            gram[row * 5] += path.penalty
        }
        var solution = columns.map { LeaveOneOutTests.dot($0, y) }
        try Cholesky.solve(&gram, &solution, order: 4)
        for column in 0..<4 {
            let expected = solution[column] / deviations[column]
            #expect((path.coefficients[column] - expected).magnitude < 1e-9 * max(expected.magnitude, 1))
        }
    }

    /// A weight of 2 is a row twice, a weight of 0 none.
    @Test func weightsCountRows() throws {
        let (x, y) = LeaveOneOutTests.rows()
        let weights = y.indices.map { Double([1, 2, 0, 3][$0 % 4]) }
        var weighted = x
        let path = try RidgePath(
            leaveOneOut: &weighted, target: y, rows: y.count, columns: 4, weights: weights, relativePenalties: [0.1])
        var repeated: [Double] = []
        var target: [Double] = []
        for row in y.indices {
            for _ in 0..<Int(weights[row]) {
                repeated.append(contentsOf: x[(row * 4)..<(row * 4 + 4)])
                target.append(y[row])
            }
        }
        let expected = try RidgePath(
            leaveOneOut: &repeated, target: target, rows: target.count, columns: 4, relativePenalties: [0.1])
        for (one, other) in zip(path.coefficients, expected.coefficients) {
            #expect((one - other).magnitude < 1e-9 * max(other.magnitude, 1))
        }
        #expect((path.intercept - expected.intercept).magnitude < 1e-8)
        #expect((path.effectiveDegrees - expected.effectiveDegrees).magnitude < 1e-9)
    }

    /// A constant regressor, a constant target, more regressors than rows, and values that are no numbers.
    @Test func degenerateInput() throws {
        var table: [Double] = [1, 5, 2, 5, 4, 5, 3, 5]
        let constant = try RidgePath(leaveOneOut: &table, target: [1, 2, 4, 3], rows: 4, columns: 2)
        #expect(constant.coefficients[1] == 0)
        #expect((constant.coefficients[0] - 1).magnitude < 0.02)
        table = [1, 2, 3]
        let still = try RidgePath(leaveOneOut: &table, target: [7, 7, 7], rows: 3, columns: 1)
        #expect(still.coefficients == [0])
        #expect(still.intercept == 7)
        table = [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1]
        let wide = try RidgePath(leaveOneOut: &table, target: [1, 2], rows: 2, columns: 6)
        #expect(wide.coefficients.allSatisfy { $0.isFinite })
        #expect(throws: LinearAlgebraError.notFinite) {
            var table: [Double] = [1, .nan]
            _ = try RidgePath(leaveOneOut: &table, target: [2, 7], rows: 2, columns: 1)
        }
        #expect(throws: LinearAlgebraError.notFinite) {
            var table: [Double] = [1e300, -1e300]
            _ = try RidgePath(leaveOneOut: &table, target: [2, 7], rows: 2, columns: 1)
        }
    }

    private static func dot(_ one: [Double], _ other: [Double]) -> Double {
        var sum = 0.0
        for index in one.indices { sum += one[index] * other[index] }
        return sum
    }

    static func path() throws -> RidgePath {
        var (x, y) = rows()
        return try RidgePath(leaveOneOut: &x, target: y, rows: y.count, columns: 4)
    }

    /// Lags 1, 2 and 3 and time, row-major, and the value.
    static func rows() -> (regressors: [Double], target: [Double]) {
        let values = RidgePathTests.nile
        var regressors: [Double] = []
        for time in 3..<values.count {
            for lag in 1...3 { regressors.append(values[time - lag]) }
            regressors.append(Double(time))
        }
        return (regressors, Array(values[3...]))
    }
}
