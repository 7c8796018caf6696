#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// One exponential smoothing form fitted to the start of one series by maximum likelihood.
///
/// The likelihood of Hyndman et al. (2008), equation 5.3, with the variance concentrated out and constants dropped, is
/// `−½ (n log Σe² + 2 Σ log|μ|)`, the second sum for multiplicative errors only.
package struct ETSFit: Sendable, Equatable {
    /// How hard to search.
    package struct Effort: Sendable, Hashable {
        /// When the refinement of a grid point stops.
        var limits: SearchLimits
        /// Where the best grid point of each α is refined and not only the best of all: when the search that goes on from
        /// the best of those stops.
        var polish: SearchLimits?
        /// Whether the trend is held stiff: β/α at most 0.4/m, kept within 0.01 to 0.15.
        ///
        /// The likelihood of a short history often prefers a trend that chases its noise. On M3 monthly a stiff trend
        /// takes ETS(A,A,A) from MASE 1.13 to 0.93.
        var stiffTrend: Bool

        /// For a form that was asked for: the likelihood's maximum, as nearly as it can be had.
        package static let thorough = Effort(
            limits: .init(passes: 12, tolerance: 1e-4), polish: .init(passes: 80, tolerance: 1e-9), stiffTrend: false)
        /// For one candidate of several: more passes raise the likelihood, but on M3 the forecasts are no better for it.
        package static let brisk = Effort(
            limits: .init(passes: 6, tolerance: 1e-3), polish: nil, stiffTrend: true)

        /// Whether the initial seasons are among what is searched for, or held where they are estimated.
        ///
        /// Searching for them raises the likelihood, but the forecasts of series of every frequency are as good without,
        /// at a fraction of the work; beyond 24 buckets, the longest season R's `ets` takes, that work, which grows with
        /// the square of the season, is out of proportion for any effort.
        func seasonsAreFree(season: Int) -> Bool { polish != nil && season <= 24 }

        /// The upper bound of β/α.
        func largestTrendShare(_ form: ETSForm, season: Int) -> Double {
            guard stiffTrend else { return ETSLayout.largest }
            let stiff = min(max(0.4 / Double(season), 0.01), 0.15)
            return form.season == .none ? stiff : min(stiff, ETSAdmissibility.safeTrendShare(season: season))
        }
    }

    /// The form fitted.
    package let form: ETSForm
    /// The fitted smoothing parameters.
    package let smoothing: ETSSmoothing
    /// The fitted state before the first value, laid out as `ETSFilter` says, seasons normalised.
    package let initialState: [Double]
    /// `−½ (n log Σe² + 2 Σ log|μ|)`.
    package let logLikelihood: Double
    /// How many observations were not missing.
    package let observed: Int

    /// A fit from the point one lane's search ended at and the objective there, Σ(e·exp(mean log|μ|))²; `seasons` are the
    /// initial ones where they were held.
    init(
        _ layout: ETSLayout, point: borrowing LaneBuffer, seasons: borrowing LaneBuffer, lane: Int, objective: Double,
        observed: Int
    ) {
        form = layout.form
        smoothing = layout.smoothing(point, lane: lane)
        initialState = ETSFit.normalized(
            layout.state(point, seasons: seasons, lane: lane), season: layout.form.season)
        // A perfect fit has no finite likelihood; the smallest positive sum stands in for it.
        logLikelihood = -0.5 * Double(observed) * log(max(objective, Double.leastNormalMagnitude))
        self.observed = observed
    }

    /// A state with its seasons summing to 0 or to m, the rest moved into level and trend: the forecasts stay the same.
    private static func normalized(_ state: [Double], season kind: ETSForm.Season) -> [Double] {
        guard kind != .none else { return state }
        var state = state
        var mean = 0.0
        for index in 2..<state.count { mean += state[index] }
        mean /= Double(state.count - 2)
        if kind == .additive {
            for index in 2..<state.count { state[index] -= mean }
            state[0] += mean
        } else if mean > 0 {
            for index in 2..<state.count { state[index] /= mean }
            state[0] *= mean
            state[1] *= mean
        }
        return state
    }
}
