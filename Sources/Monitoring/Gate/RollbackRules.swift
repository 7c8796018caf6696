/// When a portfolio goes back to an earlier version by itself: `rollback:` in a job's spec.
///
/// The version that was in use before the last `buckets` closed buckets forecast them too, from further away. Where it
/// was nevertheless better than what was published since, by more than `tolerance`, something is wrong with what was
/// published. A change of the world makes both worse and is no reason to go back.
public struct RollbackRules: Sendable, Hashable {
    /// Whether nothing is ever rolled back but by people.
    public var isOff = false
    /// Closed buckets of forecasts published since the last rollback that are looked at.
    public var buckets = 7
    /// How much more error, as a share of the earlier version's on the same buckets, is tolerated: 0.1 is 10 %.
    public var tolerance = 0.1

    /// The usual rules.
    public init() {}
}

/// `rollback: off`, or a mapping in which every key may be left out.
extension RollbackRules: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable { case buckets, tolerance }

    /// The keys the mapping may have.
    public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

    /// Reads `off`, `false` (what YAML makes of it) or a mapping; throws `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        self.init()
        if let isOn = try Switch(from: decoder)?.isOn {
            isOff = !isOn
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        buckets = try container.decodeIfPresent(Int.self, forKey: .buckets) ?? buckets
        guard (1...366).contains(buckets) else {
            throw DecodingError.dataCorruptedError(forKey: .buckets, in: container, debugDescription: "outside 1...366")
        }
        tolerance = try container.decodeIfPresent(Double.self, forKey: .tolerance) ?? tolerance
        guard (0...10).contains(tolerance) else {
            throw DecodingError.dataCorruptedError(
                forKey: .tolerance, in: container, debugDescription: "outside 0...10")
        }
    }

    /// Writes what ``init(from:)`` reads.
    public func encode(to encoder: any Encoder) throws {
        if isOff {
            var single = encoder.singleValueContainer()
            try single.encode("off")
            return
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(buckets, forKey: .buckets)
        try container.encode(tolerance, forKey: .tolerance)
    }
}
