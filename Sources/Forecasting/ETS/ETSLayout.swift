/// Where the unknowns of one form lie in a point of the search: α, β/α, γ/(1 − α), φ, level, trend, seasons; what a form
/// lacks takes no place.
///
/// As shares, the smoothing parameters fill a box whose inside is the usual region 0 < β < α < 1, 0 < γ < 1 − α
/// (Hyndman et al. 2008, section 2.5).
struct ETSLayout: Hashable, Sendable {
    /// The form.
    let form: ETSForm
    /// Buckets in a season; 1 where the form has none.
    let season: Int
    /// The place of β/α.
    let trendShare: Int?
    /// The place of γ/(1 − α).
    let seasonShare: Int?
    /// The place of φ.
    let damping: Int?
    /// The place of the initial level, which is also the number of smoothing parameters.
    let level: Int
    /// The place of the initial trend.
    let trend: Int?
    /// The first place of the initial seasons.
    let seasons: Int?
    /// How many unknowns.
    let unknowns: Int

    /// The place of α.
    static let alpha = 0
    /// The least value of α and of the shares of the trend and the season.
    static let smallest = 1e-4
    /// The greatest.
    static let largest = 0.9999
    /// The range of φ.
    static let dampings = 0.8...0.98

    init(_ form: ETSForm, season requested: Int, seasonsAreFree: Bool) {
        self.form = form
        season = form.season == .none ? 1 : requested
        var next = 1
        func take(_ present: Bool, _ number: Int = 1) -> Int? {
            defer { if present { next += number } }
            return present ? next : nil
        }
        trendShare = take(form.trend != .none)
        seasonShare = take(form.season != .none)
        damping = take(form.trend == .damped)
        level = next
        next += 1
        trend = take(form.trend != .none)
        seasons = take(form.season != .none && seasonsAreFree, season)
        unknowns = next
    }

    /// The bounds of the smoothing parameters; the initial state has none.
    func bounds(largestTrendShare: Double) -> (lower: [Double], upper: [Double]) {
        var lower = [Double](repeating: ETSLayout.smallest, count: level)
        var upper = [Double](repeating: ETSLayout.largest, count: level)
        if let trendShare {
            lower[trendShare] = 1e-6
            upper[trendShare] = largestTrendShare
        }
        if let damping {
            lower[damping] = ETSLayout.dampings.lowerBound
            upper[damping] = ETSLayout.dampings.upperBound
        }
        return (lower, upper)
    }

    /// The greatest β/α of each lane at the other smoothing parameters of a point: the upper bound, or what is admissible
    /// where that is less.
    func largestTrendShare(at point: borrowing LaneBuffer, upTo upper: [Double]) -> Lanes {
        guard let trendShare else { return Lanes() }
        let bound = upper[trendShare]
        guard let seasonShare, bound > ETSAdmissibility.safeTrendShare(season: season) else {
            return Lanes(repeating: bound)
        }
        var result = Lanes()
        for lane in 0..<Lanes.width {
            let alpha = point[ETSLayout.alpha, lane]
            let largest = ETSAdmissibility.largestTrend(
                alpha: alpha, gamma: (1 - alpha) * point[seasonShare, lane],
                phi: damping.map { point[$0, lane] } ?? 1, season: season)
            result[lane] = min(bound, largest / alpha)
        }
        return result
    }

    /// The smoothing parameters of one lane of a point.
    func smoothing(_ point: borrowing LaneBuffer, lane: Int) -> ETSSmoothing {
        let alpha = point[ETSLayout.alpha, lane]
        var result = ETSSmoothing(alpha: alpha)
        if let trendShare { result.beta = alpha * point[trendShare, lane] }
        if let seasonShare { result.gamma = (1 - alpha) * point[seasonShare, lane] }
        if let damping { result.phi = point[damping, lane] }
        return result
    }

    /// The initial state of one lane of a point, laid out as `ETSFilter` says, with the seasons held where they are not
    /// among the unknowns.
    func state(_ point: borrowing LaneBuffer, seasons held: borrowing LaneBuffer, lane: Int) -> [Double] {
        var state = [Double](repeating: 0, count: 2 + season)
        state[0] = point[level, lane]
        if let trend { state[1] = point[trend, lane] }
        for phase in 0..<season {
            if let seasons {
                state[2 + phase] = point[seasons + phase, lane]
            } else {
                state[2 + phase] = held[phase, lane]
            }
        }
        return state
    }
}
