#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// How the residuals of the last weeks are spread beside those of the reference, of like season both.
///
/// These explain an alarm; they raise none by themselves except the stability index, whose threshold is the series' own.
public struct DistributionDistances: Sendable, Hashable {
    /// Population stability index over ten bins with edges fixed by the reference; 0 where the shares are equal.
    public var stabilityIndex: Double
    /// Kolmogorov–Smirnov distance: the largest difference of the distribution functions, 0 to 1.
    public var kolmogorovSmirnov: Double
    /// Wasserstein distance in standard deviations: how far residuals would have to be moved, on average.
    public var wasserstein: Double
    /// Jensen–Shannon distance over the same ten bins, 0 to 1 (the square root of the divergence, base 2).
    public var jensenShannon: Double

    /// Distances of one sample from another, whose tenths are the bins; neither is empty.
    package init(_ recent: [Double], reference: [Double]) {
        self.init(
            recent, reference: reference,
            norm: DetectorBank.Norm(zeroShare: 0.5, missingShare: 0.5, residuals: reference))
    }

    /// Distances of `recent` residuals from a reference's equally spaced quantiles; neither is empty.
    init(_ recent: [Double], reference: [Double], norm: DetectorBank.Norm) {
        var counts = [Double](repeating: 0, count: norm.expected.count)
        for z in recent { counts[norm.edges.count { z > $0 }] += 1 }
        let total = Double(recent.count)
        stabilityIndex = zip(counts, norm.expected).reduce(0) { sum, bin in
            let share = (bin.0 + 0.5) / (total + 0.5 * Double(counts.count))
            return sum + (share - bin.1) * log(share / bin.1)
        }
        let expectedTotal = norm.expected.reduce(0, +)
        let divergence = zip(counts, norm.expected).reduce(0.0) { sum, bin in
            let (p, q) = (bin.0 / total, bin.1 / expectedTotal)
            let middle = (p + q) / 2
            return sum + (p > 0 ? p * log2(p / middle) : 0) / 2 + (q > 0 ? q * log2(q / middle) : 0) / 2
        }
        jensenShannon = max(divergence, 0).squareRoot()

        let (left, right) = (recent.sorted(), reference.sorted())
        var points = left + right
        points.sort()
        var (i, j) = (0, 0)
        var (widest, moved) = (0.0, 0.0)
        for (place, point) in points.enumerated() {
            while i < left.count, left[i] <= point { i += 1 }
            while j < right.count, right[j] <= point { j += 1 }
            let gap = abs(Double(i) / total - Double(j) / Double(right.count))
            widest = max(widest, gap)
            if place + 1 < points.count { moved += gap * (points[place + 1] - point) }
        }
        kolmogorovSmirnov = widest
        wasserstein = moved
    }
}
