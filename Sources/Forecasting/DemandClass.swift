/// How demand arrives, after Syntetos, Boylan and Croston, "On the categorization of demand patterns",
/// Journal of the Operational Research Society 56 (2005).
///
/// The average inter-demand interval (ADI) is the number of observed buckets per bucket with demand; CV² is the squared
/// coefficient of variation of the non-zero demands. The cuts are ADI 1.32 and CV² 0.49.
public enum DemandClass: String, Sendable, Codable, CaseIterable {
    /// ADI < 1.32 and CV² < 0.49.
    case smooth
    /// ADI < 1.32 and CV² ≥ 0.49.
    case erratic
    /// ADI ≥ 1.32 and CV² < 0.49.
    case intermittent
    /// ADI ≥ 1.32 and CV² ≥ 0.49.
    case lumpy
    /// No observation, or none but zeros.
    case none

    /// The class of a history; NaN values are not observations, negative ones count by their size.
    public init(_ values: [Double]) {
        var observed = 0
        var demands = 0
        var largest = 0.0
        for value in values where value.isFinite {
            observed += 1
            if value != 0 {
                demands += 1
                largest = max(largest, value.magnitude)
            }
        }
        guard demands > 0 else {
            self = .none
            return
        }
        // Sizes relative to the largest, so that neither 1e300 nor 1e-300 leaves the range.
        var mean = 0.0
        var square = 0.0
        for value in values where value.isFinite && value != 0 {
            let size = value.magnitude / largest
            mean += size
            square += size * size
        }
        mean /= Double(demands)
        let variance = max(square / Double(demands) - mean * mean, 0)
        let interval = Double(observed) / Double(demands)
        let variation = mean > 0 ? variance / (mean * mean) : 0
        switch (interval < 1.32, variation < 0.49) {
        case (true, true): self = .smooth
        case (true, false): self = .erratic
        case (false, true): self = .intermittent
        case (false, false): self = .lumpy
        }
    }

    /// Whether most buckets may well be zero: intermittent or lumpy.
    public var isSlow: Bool { self == .intermittent || self == .lumpy }
}
