#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

extension DetectorBank.Norm {
    /// The norm of a reference's known residuals, in ten bins of equal shares as far as ties allow.
    init(zeroShare: Double, missingShare: Double, residuals: [Double]) {
        let sorted = residuals.sorted()
        let bins = DetectorBank.bins
        let edges = (1..<bins).map { sorted[min($0 * sorted.count / bins, sorted.count - 1)] }
        var counts = [Double](repeating: 0, count: bins)
        for z in sorted { counts[edges.count { z > $0 }] += 1 }
        let expected = counts.map { ($0 + 0.5) / (Double(sorted.count) + 0.5 * Double(bins)) }
        self.init(zeroShare: zeroShare, missingShare: missingShare, edges: edges, expected: expected)
    }

    /// The norm with these edges and shares.
    init(zeroShare: Double, missingShare: Double, edges: [Double], expected: [Double]) {
        self.zeroShare = zeroShare
        self.missingShare = missingShare
        self.edges = edges
        self.expected = expected
        let total = Double(DetectorBank.window) + 0.5 * Double(DetectorBank.bins)
        stability = expected.flatMap { expected in
            (0...DetectorBank.window).map { count in
                let share = (Double(count) + 0.5) / total
                return (share - expected) * log(share / expected)
            }
        }
    }
}
