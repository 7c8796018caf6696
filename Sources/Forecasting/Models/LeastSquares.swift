internal import LinearAlgebra

/// Nonlinear least squares by Levenberg-Marquardt steps inside a box (Marquardt 1963; projection onto the bounds).
///
/// Deterministic; the Jacobian is by forward differences into storage kept here, so that nothing is allocated per step.
struct LeastSquares {
    /// What stops the iteration.
    struct Limits {
        var iterations = 40
        /// The relative fall of the sum of squares below which a step is the last.
        var tolerance = 1e-8
    }

    private let unknowns: Int
    private let observations: Int
    private var jacobian: [Double]
    private var trialResiduals: [Double]
    private var normal: [Double]
    private var damped: [Double]
    private var gradient: [Double]
    private var step: [Double]
    private var trial: [Double]

    /// Storage for a problem of that size.
    init(unknowns: Int, observations: Int) {
        self.unknowns = unknowns
        self.observations = observations
        jacobian = [Double](repeating: 0, count: unknowns * observations)
        trialResiduals = [Double](repeating: 0, count: observations)
        normal = [Double](repeating: 0, count: unknowns * unknowns)
        damped = normal
        gradient = [Double](repeating: 0, count: unknowns)
        step = gradient
        trial = gradient
    }

    /// Lowers the sum of squared residuals from a feasible start.
    ///
    /// - Parameters:
    ///   - point: the unknowns, inside the bounds; the best point found on return.
    ///   - lower: lower bounds.
    ///   - upper: upper bounds.
    ///   - increments: the forward-difference step of each unknown, positive.
    ///   - residuals: writes the residuals at a point and returns their sum of squares; infinite where it is not allowed.
    /// - Returns: the sum of squares at `point`.
    mutating func minimize(
        _ point: inout [Double], lower: [Double], upper: [Double], increments: [Double], limits: Limits,
        residuals: (_ point: [Double], _ result: inout [Double]) -> Double
    ) -> Double {
        var current = [Double](repeating: 0, count: observations)
        var objective = residuals(point, &current)
        guard objective.isFinite, objective > 0 else { return objective }
        var damping = 1e-3
        for _ in 0..<limits.iterations {
            differentiate(point, upper: upper, increments: increments, current: current, residuals: residuals)
            Products.outerGram(jacobian, rows: unknowns, columns: observations, into: &normal)
            Products.multiply(jacobian, rows: unknowns, columns: observations, by: current, into: &gradient)
            var improved = false
            var relativeFall = 0.0
            for _ in 0..<8 {
                guard propose(point, lower: lower, upper: upper, damping: damping) else {
                    damping *= 10
                    continue
                }
                let value = residuals(trial, &trialResiduals)
                if value < objective {
                    relativeFall = (objective - value) / objective
                    objective = value
                    swap(&point, &trial)
                    swap(&current, &trialResiduals)
                    damping = max(damping * 0.2, 1e-12)
                    improved = true
                    break
                }
                damping *= 8
            }
            if !improved || relativeFall < limits.tolerance || objective == 0 { break }
        }
        return objective
    }

    private mutating func differentiate(
        _ point: [Double], upper: [Double], increments: [Double], current: [Double],
        residuals: (_ point: [Double], _ result: inout [Double]) -> Double
    ) {
        trial = point
        for unknown in 0..<unknowns {
            var increment = increments[unknown]
            if point[unknown] + increment > upper[unknown] { increment = -increment }
            trial[unknown] = point[unknown] + increment
            let value = residuals(trial, &trialResiduals)
            trial[unknown] = point[unknown]
            let start = unknown * observations
            if value.isFinite {
                let inverse = 1 / increment
                for index in 0..<observations {
                    jacobian[start + index] = (trialResiduals[index] - current[index]) * inverse
                }
            } else {
                for index in 0..<observations { jacobian[start + index] = 0 }
            }
        }
    }

    /// Solves the damped normal equations for the unknowns that are free to move and projects onto the bounds.
    private mutating func propose(_ point: [Double], lower: [Double], upper: [Double], damping: Double) -> Bool {
        for unknown in 0..<unknowns { step[unknown] = -gradient[unknown] }
        damped = normal
        for unknown in 0..<unknowns {
            let diagonal = unknown * unknowns + unknown
            let stuck =
                (point[unknown] <= lower[unknown] && gradient[unknown] > 0)
                || (point[unknown] >= upper[unknown] && gradient[unknown] < 0) || normal[diagonal] <= 0
            if stuck {
                for other in 0..<unknowns {
                    damped[unknown * unknowns + other] = 0
                    damped[other * unknowns + unknown] = 0
                }
                damped[diagonal] = 1
                step[unknown] = 0
            } else {
                damped[diagonal] *= 1 + damping
            }
        }
        do { try Cholesky.solve(&damped, &step, order: unknowns) } catch { return false }
        for unknown in 0..<unknowns {
            let moved = point[unknown] + step[unknown]
            guard moved.isFinite else { return false }
            trial[unknown] = min(max(moved, lower[unknown]), upper[unknown])
        }
        return true
    }
}
