#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Maximum likelihood fitting of one exponential smoothing form.
///
/// The likelihood of Hyndman et al. (2008), equation 5.3, with the variance concentrated out and constants dropped, is
/// `−½ (n log Σe² + 2 Σ log|μ|)`, the second sum for multiplicative errors only. Its maximum is the minimum of
/// `Σ (e·exp(mean log|μ|))²`, a least-squares problem in the smoothing parameters and the initial state together. A grid
/// of smoothing parameters at an estimated initial state gives the starts; Levenberg-Marquardt steps do the rest.
///
/// Parameters keep to the usual region, 10⁻⁴ ≤ α ≤ 0.9999, β < α, γ < 1 − α and 0.8 ≤ φ ≤ 0.98, as α, β/α, γ/(1 − α)
/// and φ inside a box.
struct ETSFit {
    /// How hard to search.
    struct Effort {
        /// How many grid points are refined.
        var starts: Int
        /// When a refinement stops.
        var limits: LeastSquares.Limits
        /// Whether the trend is held stiff: β/α at most 0.4/m, kept within 0.01 to 0.15.
        ///
        /// The likelihood of a short history often prefers a trend that chases its noise. On M3 monthly a stiff trend
        /// takes ETS(A,A,A) from MASE 1.13 to 0.93.
        var stiffTrend: Bool

        /// For a form that was asked for: the likelihood's maximum, as nearly as it can be had.
        static let thorough = Effort(
            starts: 4, limits: .init(iterations: 80, tolerance: 1e-9), stiffTrend: false)
        /// For one candidate of several: the forecasts of more iterations are no better.
        static let brisk = Effort(starts: 1, limits: .init(iterations: 6, tolerance: 1e-4), stiffTrend: true)
    }

    /// The form fitted.
    let form: ETSForm
    /// The fitted smoothing parameters.
    let smoothing: ETSSmoothing
    /// The fitted state before the first value, laid out as `ETSFilter` says, seasons normalised.
    let initialState: [Double]
    /// `−½ (n log Σe² + 2 Σ log|μ|)`.
    let logLikelihood: Double
    /// The sum of squared errors, relative ones for a multiplicative error.
    let squares: Double
    /// How many observations were not missing.
    let observed: Int

    /// Fits `values[0..<count]`; `nil` where the form cannot describe them (too few, or not positive where needed).
    init?(_ form: ETSForm, values: [Double], count: Int, season: Int, effort: Effort) {
        let period = form.season == .none ? 1 : season
        if form.needsPositive {
            for time in 0..<count where values[time] <= 0 { return nil }
        }
        let start = ETSInitialState.estimate(form, values: values, count: count, season: period)
        var problem = ETSProblem(
            form: form, values: values, count: count, season: period, initialState: start,
            largestTrendShare: effort.stiffTrend ? min(max(0.4 / Double(season), 0.01), 0.15) : ETSProblem.largest)
        let ranked = problem.rankedStarts()
        guard !ranked.isEmpty else { return nil }
        var best: [Double]?
        var lowest = Double.infinity
        var solver = LeastSquares(unknowns: problem.unknowns, observations: count)
        for candidate in ranked.prefix(effort.starts) {
            var point = candidate.point
            let value = problem.refine(&point, with: &solver, effort: effort)
            if value < lowest {
                lowest = value
                best = point
            }
        }
        guard let best, let result = problem.evaluate(best) else { return nil }
        self.form = form
        smoothing = problem.smoothing(best)
        initialState = problem.normalizedState(best)
        squares = result.squares
        observed = result.observed
        let number = Double(result.observed)
        // A perfect fit has no finite likelihood; the smallest positive sum stands in for it.
        logLikelihood =
            -0.5 * (number * log(max(result.squares, Double.leastNormalMagnitude)) + 2 * result.logarithms)
    }
}

/// The least-squares problem behind one fit, and the layout of its unknowns: α, β/α, γ/(1 − α), φ, then the state.
private struct ETSProblem {
    let form: ETSForm
    let values: [Double]
    let count: Int
    let season: Int
    let initialState: [Double]
    private let hasTrend: Bool
    private let hasSeason: Bool
    private let hasDamping: Bool
    private var errors: [Double]
    private var state: [Double]

    private let largestTrendShare: Double

    static let smallest = 1e-4
    static let largest = 0.9999

    init(
        form: ETSForm, values: [Double], count: Int, season: Int, initialState: [Double], largestTrendShare: Double
    ) {
        self.largestTrendShare = largestTrendShare
        self.form = form
        self.values = values
        self.count = count
        self.season = season
        self.initialState = initialState
        hasTrend = form.trend != .none
        hasSeason = form.season != .none
        hasDamping = form.trend == .damped
        errors = [Double](repeating: 0, count: count)
        state = initialState
    }

    var unknowns: Int { form.smoothingCount + 1 + (hasTrend ? 1 : 0) + (hasSeason ? season : 0) }

    func smoothing(_ point: [Double]) -> ETSSmoothing {
        var result = ETSSmoothing()
        var next = 1
        result.alpha = point[0]
        if hasTrend {
            result.beta = point[0] * point[next]
            next += 1
        }
        if hasSeason {
            result.gamma = (1 - point[0]) * point[next]
            next += 1
        }
        if hasDamping { result.phi = point[next] }
        return result
    }

    /// Copies the state part of a point, or the estimated start where the point has none, to `state`.
    private mutating func loadState(_ point: [Double]) {
        var next = form.smoothingCount
        guard point.count > next else {
            for index in state.indices { state[index] = initialState[index] }
            return
        }
        state[0] = point[next]
        next += 1
        if hasTrend {
            state[1] = point[next]
            next += 1
        } else {
            state[1] = 0
        }
        if hasSeason {
            for phase in 0..<season { state[2 + phase] = point[next + phase] }
        } else {
            state[2] = 0
        }
    }

    mutating func evaluate(_ point: [Double]) -> ETSFilter.Sums? {
        loadState(point)
        return ETSFilter.run(
            form, smoothing(point), season: season, state: &state, values: values, range: 0..<count, errors: &errors)
    }

    /// The objective whose minimum is the maximum of the likelihood; infinite where the point is not allowed.
    private mutating func objective(_ point: [Double]) -> Double {
        guard let sums = evaluate(point), sums.observed > 0 else { return .infinity }
        let scale = form.error == .multiplicative ? exp(sums.logarithms / Double(sums.observed)) : 1
        return sums.squares * scale * scale
    }

    /// The initial state of a point with its seasons summing to 0 or to m, the rest moved into level and trend.
    mutating func normalizedState(_ point: [Double]) -> [Double] {
        loadState(point)
        guard hasSeason else { return state }
        let mean = state[2..<(2 + season)].reduce(0, +) / Double(season)
        if form.season == .additive {
            for phase in 0..<season { state[2 + phase] -= mean }
            state[0] += mean
        } else if mean > 0 {
            for phase in 0..<season { state[2 + phase] /= mean }
            state[0] *= mean
            state[1] *= mean
        }
        return state
    }

    /// Points of a coarse grid at the estimated state, best first, at most one per α.
    mutating func rankedStarts() -> [(point: [Double], value: Double)] {
        let betas = hasTrend ? [0.02, 0.2] : [0]
        let gammas = hasSeason ? [0.01, 0.3] : [0]
        let phis = hasDamping ? [0.9, 0.97] : [1]
        var ranked: [(point: [Double], value: Double)] = []
        for alpha in [0.05, 0.2, 0.45, 0.8] {
            var best: (point: [Double], value: Double)?
            for beta in betas {
                for gamma in gammas {
                    for phi in phis {
                        var point = [alpha]
                        if hasTrend { point.append(beta) }
                        if hasSeason { point.append(gamma) }
                        if hasDamping { point.append(phi) }
                        let value = objective(point)
                        if value.isFinite, value < best?.value ?? .infinity { best = (point, value) }
                    }
                }
            }
            if let best { ranked.append(best) }
        }
        // A stable order: equal values keep the order of the grid.
        return ranked.enumerated().sorted { ($0.element.value, $0.offset) < ($1.element.value, $1.offset) }
            .map(\.element)
    }

    /// Refines a point in place, appending the initial state; returns the objective.
    mutating func refine(_ point: inout [Double], with solver: inout LeastSquares, effort: ETSFit.Effort) -> Double {
        let spread = max(initialState[0].magnitude, deviation())
        var lower = [Double](repeating: Self.smallest, count: form.smoothingCount)
        var upper = [Double](repeating: Self.largest, count: form.smoothingCount)
        var increments = [Double](repeating: 1e-5, count: form.smoothingCount)
        if hasTrend {
            lower[1] = 1e-6
            upper[1] = largestTrendShare
            point[1] = min(point[1], largestTrendShare)
        }
        if hasDamping {
            lower[form.smoothingCount - 1] = 0.8
            upper[form.smoothingCount - 1] = 0.98
        }
        point.append(initialState[0])
        increments.append(1e-5 * spread)
        if hasTrend {
            point.append(initialState[1])
            increments.append(1e-6 * spread)
        }
        if hasSeason {
            point.append(contentsOf: initialState[2..<(2 + season)])
            let unit = form.season == .multiplicative ? 1 : spread
            increments.append(contentsOf: repeatElement(1e-5 * unit, count: season))
        }
        let free = point.count - form.smoothingCount
        lower.append(contentsOf: repeatElement(-Double.greatestFiniteMagnitude, count: free))
        upper.append(contentsOf: repeatElement(Double.greatestFiniteMagnitude, count: free))
        let relative = form.error == .multiplicative
        return solver.minimize(
            &point, lower: lower, upper: upper, increments: increments, limits: effort.limits
        ) { candidate, residuals in
            loadState(candidate)
            guard
                let sums = ETSFilter.run(
                    form, smoothing(candidate), season: season, state: &state, values: values, range: 0..<count,
                    errors: &residuals), sums.observed > 0
            else { return .infinity }
            guard relative else { return sums.squares }
            let scale = exp(sums.logarithms / Double(sums.observed))
            for index in 0..<count { residuals[index] *= scale }
            return sums.squares * scale * scale
        }
    }

    /// The mean absolute value, as a unit for increments.
    private func deviation() -> Double {
        var sum = 0.0
        var number = 0.0
        for time in 0..<count where values[time] == values[time] {
            sum += values[time].magnitude
            number += 1
        }
        return number > 0 && sum > 0 ? sum / number : 1
    }
}
