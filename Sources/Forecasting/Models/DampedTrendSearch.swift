/// The parameters of ETS(A,Ad,N) with the least sum of squared one-step errors.
///
/// Given α, β and φ the error is linear in the first level and trend, which are therefore solved for exactly ("variable
/// projection", Golub and Pereyra 1973), eight sets of parameters at a time: first a grid over all three, then α between the
/// neighbours of its best, then the trend's two around theirs, then α once more.
struct DampedTrendSearch {
    /// The best parameters.
    private(set) var smoothing = ETSSmoothing(alpha: 0.3, beta: 0, gamma: 0, phi: 0.9)
    /// The level before the first value.
    private(set) var firstLevel: Double
    /// The trend before the first value.
    private(set) var firstTrend = 0.0
    private let values: [Double]
    private var least = Double.infinity
    /// The least squares among the values of α tried last, and the neighbours of the best of them.
    private var neighbours = (low: 0.0, high: 1.0)
    private var share = 0.0

    private static let alphas: Lanes = [0.01, 0.06, 0.14, 0.26, 0.42, 0.6, 0.8, 0.99]
    private static let dampings: [Double] = [0.85, 0.96]

    /// Searches the parameters for values the first of which is not missing.
    ///
    /// - Parameter largestShare: the upper bound of β/α.
    init(_ values: [Double], largestShare: Double) {
        self.values = values
        firstLevel = values[0]
        for share in [0.1, 1] {
            for damping in DampedTrendSearch.dampings {
                search(
                    DampedTrendSearch.alphas, share: Lanes(repeating: share * largestShare),
                    phi: Lanes(repeating: damping), isAlong: true)
            }
        }
        refineAlpha()
        let shares: Lanes = [0.02, 0.3, 0.6, 1, 0.02, 0.3, 0.6, 1]
        let dampings: Lanes = [0.8, 0.8, 0.8, 0.8, 0.98, 0.98, 0.98, 0.98]
        search(Lanes(repeating: smoothing.alpha), share: shares * largestShare, phi: dampings, isAlong: false)
        refineAlpha()
    }

    private mutating func refineAlpha() {
        let step = (neighbours.high - neighbours.low) / 9
        search(
            neighbours.low + step * Lanes(1, 2, 3, 4, 5, 6, 7, 8), share: Lanes(repeating: share),
            phi: Lanes(repeating: smoothing.phi), isAlong: true)
    }

    /// Tries eight sets of parameters and keeps the best.
    ///
    /// - Parameter isAlong: whether they differ in α, ascending, so that the best of it lies between the neighbours.
    private mutating func search(_ alpha: Lanes, share: Lanes, phi: Lanes, isAlong: Bool) {
        let fits = project(alpha, alpha * share, phi)
        var best = 0
        for lane in 1..<Lanes.width where fits.squares[lane] < fits.squares[best] { best = lane }
        guard fits.squares[best] < least else { return }
        least = fits.squares[best]
        smoothing.alpha = alpha[best]
        smoothing.beta = alpha[best] * share[best]
        smoothing.phi = phi[best]
        self.share = share[best]
        firstLevel = values[0] + fits.level[best]
        firstTrend = fits.trend[best]
        guard isAlong else { return }
        neighbours.low = best > 0 ? alpha[best - 1] : alpha[best]
        neighbours.high = best < Lanes.width - 1 ? alpha[best + 1] : alpha[best]
    }

    /// The best first level, less the first value, and first trend for each of eight sets of parameters, and their sum of
    /// squares.
    private func project(_ alpha: Lanes, _ beta: Lanes, _ phi: Lanes) -> (level: Lanes, trend: Lanes, squares: Lanes) {
        let values = values.span
        let keep = 1 - alpha
        var (level, trend) = (Lanes(repeating: values[0]), Lanes())
        // What the state owes to a first level, and to a first trend, of 1.
        var (levelOfLevel, trendOfLevel) = (Lanes(repeating: 1), Lanes())
        var (levelOfTrend, trendOfTrend) = (Lanes(), Lanes(repeating: 1))
        var (rr, rp, rq) = (Lanes(), Lanes(), Lanes())
        // What no value speaks about stays at the first value without a trend.
        var (pp, pq, qq) = (Lanes(repeating: 1e-9), Lanes(), Lanes(repeating: 1e-9))
        for time in 0..<values.count {
            let value = values[time]
            let damped: Lanes = phi * trend
            let base: Lanes = level + damped
            trendOfLevel *= phi
            trendOfTrend *= phi
            let p: Lanes = levelOfLevel + trendOfLevel
            let q: Lanes = levelOfTrend + trendOfTrend
            if value == value {
                let r: Lanes = value - base
                rr.addProduct(r, r)
                rp.addProduct(r, p)
                rq.addProduct(r, q)
                pp.addProduct(p, p)
                pq.addProduct(p, q)
                qq.addProduct(q, q)
                level = base.addingProduct(alpha, r)
                trend = damped.addingProduct(beta, r)
                levelOfLevel = keep * p
                trendOfLevel.subtractProduct(beta, p)
                levelOfTrend = keep * q
                trendOfTrend.subtractProduct(beta, q)
            } else {
                level = base
                trend = damped
                levelOfLevel = p
                levelOfTrend = q
            }
        }
        let product: Lanes = pp * qq
        let determinant: Lanes = product - pq * pq
        var slope: Lanes = (pp * rq - pq * rp) / determinant
        slope.replace(with: 0, where: .!(determinant .> product * 1e-12))
        let offset: Lanes = (rp - slope * pq) / pp
        // Σ(r − offset·p − slope·q)² at its least.
        var squares: Lanes = rr - offset * rp - slope * rq
        squares.replace(with: 0, where: squares .< 0)
        squares.replace(with: .infinity, where: .!squares.isFiniteMask)
        return (offset, slope, squares)
    }
}
