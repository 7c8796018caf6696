/// The parameters of the theta model with the least sum of squared one-step errors.
///
/// Given α, the error is linear in the first level l₀ and in w = 1 − 1/θ:
///
/// ```
/// eₜ = (yₜ − aₜ) − bₜ l₀ − (cₜ + gₜ) w      gₜ = (1 − α)ᵗ Aₜ + (1 − (1 − α)ᵗ⁺¹)/α · Bₜ
/// a ← a + α(y − a)      b ← (1 − α)b      c ← (1 − α)c
/// ```
///
/// with Aₜ, Bₜ the line through the first t values, which depends on no parameter. Both are therefore solved for exactly
/// ("variable projection", Golub and Pereyra 1973), and only α is searched, eight values of it at a time, each time between
/// the neighbours of the best one. A missing value takes part as its mean: c ← c + αg.
struct ThetaSearch {
    /// The best α.
    private(set) var alpha = 0.3
    /// The best w, 0 to 0.999.
    private(set) var weight = 0.0
    /// The best first level.
    private(set) var firstLevel: Double
    private let values: [Double]
    private let intercepts: [Double]
    private let slopes: [Double]

    private static let first: Lanes = [0.01, 0.07, 0.16, 0.28, 0.42, 0.58, 0.78, 0.99]
    private static let rounds = 3
    private static let largestWeight = 0.999
    /// The line through fewer than three points says nothing yet.
    private static let skipped = 3

    /// Searches the parameters for seasonally adjusted values, the first of which is not missing.
    init(_ values: [Double]) {
        self.values = values
        firstLevel = values[0]
        var line = LineThroughValues()
        var intercepts = [Double](repeating: 0, count: values.count)
        var slopes = intercepts
        for time in values.indices {
            (intercepts[time], slopes[time]) = line.coefficients
            if values[time] == values[time] { line.add(values[time], time: Double(time + 1)) }
        }
        self.intercepts = intercepts
        self.slopes = slopes
        search()
    }

    private mutating func search() {
        var alphas = ThetaSearch.first
        var least = Double.infinity
        for _ in 0..<ThetaSearch.rounds {
            let fits = project(alphas)
            var best = 0
            for lane in 1..<Lanes.width where fits.squares[lane] < fits.squares[best] { best = lane }
            if fits.squares[best] < least {
                least = fits.squares[best]
                alpha = alphas[best]
                weight = fits.weight[best]
                firstLevel = values[0] + fits.level[best]
            }
            let low = best > 0 ? alphas[best - 1] : alphas[best]
            let high = best < Lanes.width - 1 ? alphas[best + 1] : alphas[best]
            alphas = low + (high - low) / 9 * Lanes(1, 2, 3, 4, 5, 6, 7, 8)
        }
    }

    /// The best w and first level, the latter less the first value, for each of eight α, and their sum of squares.
    private func project(_ alpha: Lanes) -> (weight: Lanes, level: Lanes, squares: Lanes) {
        let keep = 1 - alpha
        let inverse = 1 / alpha
        let values = values.span
        let intercepts = intercepts.span
        let slopes = slopes.span
        var (a, b, c) = (Lanes(repeating: values[0]), Lanes(repeating: 1), Lanes())
        var decay = Lanes(repeating: 1)
        var (rr, rp, rq) = (Lanes(), Lanes(), Lanes())
        // A first level no value speaks about stays at the first value.
        var (pp, pq, qq) = (Lanes(repeating: 1e-9), Lanes(), Lanes())
        for time in 0..<values.count {
            let value = values[time]
            let next = decay * keep
            let g = (decay * intercepts[time]).addingProduct((1 - next) * inverse, Lanes(repeating: slopes[time]))
            if value == value {
                let r = value - a
                let q = c + g
                if time >= ThetaSearch.skipped {
                    rr.addProduct(r, r)
                    rp.addProduct(r, b)
                    rq.addProduct(r, q)
                    pp.addProduct(b, b)
                    pq.addProduct(b, q)
                    qq.addProduct(q, q)
                }
                a.addProduct(alpha, r)
                b *= keep
                c *= keep
            } else {
                c.addProduct(alpha, g)
            }
            decay = next
        }
        let product: Lanes = pp * qq
        let determinant: Lanes = product - pq * pq
        var weight: Lanes = (pp * rq - pq * rp) / determinant
        weight.replace(with: 0, where: .!(determinant .> product * 1e-12))
        weight.clamp(lowerBound: Lanes(), upperBound: Lanes(repeating: ThetaSearch.largestWeight))
        let level: Lanes = (rp - weight * pq) / pp
        // Σ(r − lb − wq)², multiplied out.
        var squares: Lanes = rr - level * rp
        squares -= level * (rp - level * pp - weight * pq)
        squares -= weight * rq
        squares -= weight * (rq - level * pq - weight * qq)
        squares.replace(with: .infinity, where: .!squares.isFiniteMask)
        return (weight, level, squares)
    }
}
