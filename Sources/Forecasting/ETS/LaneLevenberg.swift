/// When a search stops.
struct SearchLimits: Sendable, Hashable {
    /// Trial points at most, 1 or more.
    var passes: Int
    /// The relative fall of the objective below which a step is the last.
    var tolerance: Double
}

/// Levenberg-Marquardt steps (Marquardt 1963) for eight problems at once, the smoothing parameters inside a box.
///
/// Each pass evaluates a trial point with its normal equations. A lane that improved moves there and trusts the quadratic
/// more, one that did not stays and trusts it less. A lane that has converged no longer changes, whatever its neighbours
/// still do, so that its result does not depend on them.
struct LaneLevenberg<Objective: LaneObjective & ~Copyable>: ~Copyable {
    private let layout: ETSLayout
    private let kernel: Objective
    private let cholesky: LaneCholesky
    private let current: LaneNormals
    private let next: LaneNormals
    private let trial: LaneBuffer
    /// Room for the seasons of a pass without derivatives.
    private let seasons: LaneBuffer
    private let lower: [Double]
    private let upper: [Double]

    /// - Parameter largestTrendShare: the upper bound of β/α.
    init(_ layout: ETSLayout, capacity: Int, largestTrendShare: Double) {
        self.layout = layout
        kernel = Objective(layout, capacity: capacity)
        cholesky = LaneCholesky(order: layout.unknowns)
        current = LaneNormals(unknowns: layout.unknowns)
        next = LaneNormals(unknowns: layout.unknowns)
        trial = LaneBuffer(count: layout.unknowns)
        seasons = LaneBuffer(count: layout.season)
        (lower, upper) = layout.bounds(largestTrendShare: largestTrendShare)
    }

    /// Lowers the objective from a point inside the bounds, which moves to the best point found.
    ///
    /// - Returns: the objective there; infinite in lanes where the start is not allowed.
    func minimize(_ series: borrowing LaneSeries, point: borrowing LaneBuffer, limits: SearchLimits) -> Lanes {
        let bounded = layout.level
        var largestShare = layout.largestTrendShare(at: point, upTo: upper)
        if let share = layout.trendShare { point[share] = pointwiseMin(point[share], largestShare) }
        var objective = kernel.pass(series, point: point, into: current)
        var damping = Lanes(repeating: 1e-3)
        var active = (objective .> 0) .& objective.isFiniteMask
        var held = [LaneMask](repeating: LaneMask(), count: bounded)
        for pass in 1...limits.passes where active.any {
            for unknown in 0..<bounded {
                let gradient = current.gradient(unknown)
                let greatest = unknown == layout.trendShare ? largestShare : Lanes(repeating: upper[unknown])
                held[unknown] =
                    ((point[unknown] .<= lower[unknown]) .& (gradient .> 0))
                    .| ((point[unknown] .>= greatest) .& (gradient .< 0))
            }
            cholesky.solve(current, damping: damping, held: held)
            for unknown in 0..<layout.unknowns {
                var moved = point[unknown] + cholesky.step(unknown)
                if unknown < bounded {
                    moved = moved.clamped(
                        lowerBound: Lanes(repeating: lower[unknown]), upperBound: Lanes(repeating: upper[unknown]))
                }
                trial[unknown] = moved
            }
            let trialShare = layout.largestTrendShare(at: trial, upTo: upper)
            if let share = layout.trendShare { trial[share] = pointwiseMin(trial[share], trialShare) }
            // No step follows the last trial: what its derivatives are does not matter, and without them it costs a sixth.
            let isLast = pass == limits.passes
            let value =
                isLast
                ? ETSLaneFilter.objective(layout, series, point: trial, seasons: seasons)
                : kernel.pass(series, point: trial, into: next)
            let improved = active .& (value .< objective)
            let fall = (objective - value) / objective
            for unknown in 0..<layout.unknowns {
                point[unknown] = point[unknown].replacing(with: trial[unknown], where: improved)
            }
            if !isLast { current.replace(with: next, where: improved) }
            objective.replace(with: value, where: improved)
            largestShare.replace(with: trialShare, where: improved)
            let eased = pointwiseMax(damping * 0.2, Lanes(repeating: 1e-7))
            damping = (damping * 8).replacing(with: eased, where: improved)
            // Eight refusals in a row from the least damping raise it by 10⁷: there is no better point in reach.
            active = active .& .!(improved .& (fall .< limits.tolerance)) .& (objective .> 0) .& (damping .< 1e6)
        }
        return objective
    }
}
