#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// How stiff a trend must be beside a season for the form to be admissible: for old observations to count less and less.
///
/// Inside the usual region 0 < β < α < 1, 0 < γ < 1 − α a form without a season always is (Hyndman et al. 2008, table
/// 10.1); with both a trend and a season a large β is not, and the longer the season, the smaller is large. The
/// characteristic polynomial (ibid., section 10.2, as R's `forecast::ets` evaluates it) divided by the poles of the open
/// loop is, with B the backward shift,
///
/// ```
/// 1 + αB/(1 − B) + βB/((1 − φB)(1 − B)) + γBᵐ/(1 − Bᵐ)
/// ```
///
/// and linear in β. A root meets the unit circle at `B = exp(−iω)` where β so solved for is real:
///
/// ```
/// A cot(ω/2) + γ cot(mω/2) = 0        u = 1 − (α + γ)/2,  κ = (1 − φ)/(1 + φ),  A = α + 2uκ
/// β = 2(1 + φ) u (sin²(ω/2) + κ² cos²(ω/2))
/// ```
///
/// The polynomial has β where the recursion `ETSFilter` states has φβ, so that for damped forms the bound is stricter than
/// the recursion needs, by the factor φ. The least such β, beyond which the form is not admissible, is that of the least ω, which lies between π/m and 2π/m.
package enum ETSAdmissibility {
    /// The greatest admissible β of a form with a trend and a season of `season` > 1 buckets; φ is 1 unless damped.
    package static func largestTrend(alpha: Double, gamma: Double, phi: Double, season: Int) -> Double {
        let period = Double(season)
        let share = 1 - (alpha + gamma) / 2
        let ratio = (1 - phi) / (1 + phi)
        let slope = gamma / (alpha + 2 * share * ratio)
        // With mω/2 = π − δ the condition is tan δ = γ/A tan((π − δ)/m), whose right side shrinks distances to about a
        // third. It falls as δ rises, so that successive values lie on both sides of the root, and the greater δ gives the
        // smaller β.
        var previous = 0.0
        var angle = 0.0
        for _ in 0..<14 {
            previous = angle
            angle = atan(slope * tan((.pi - angle) / period))
        }
        let half = (.pi - max(angle, previous)) / period
        let sine = sin(half)
        let cosine = cos(half)
        return 2 * (1 + phi) * share * (sine * sine + ratio * ratio * cosine * cosine) * (1 - 1e-6)
    }

    /// A bound of β/α below which every form with a season of `season` > 1 buckets is admissible: that of β at
    /// ω = π/m, φ = 1 and α = 1 or α + γ = 1.
    static func safeTrendShare(season: Int) -> Double {
        let sine = sin(.pi / (2 * Double(season)))
        return 2 * sine * sine * (1 - 1e-6)
    }
}
