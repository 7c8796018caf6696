/// `gate: off`, or a mapping in which every key may be left out.
extension GateRules: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case margin, bias, coverage, significance, shadow
        case segmentMargin = "segment_margin"
        case smallestSegment = "smallest_segment"
    }

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
        func share(_ key: CodingKeys, _ usual: Double, _ range: ClosedRange<Double>) throws -> Double {
            let value = try container.decodeIfPresent(Double.self, forKey: key) ?? usual
            guard range.contains(value) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "outside \(range)")
            }
            return value
        }
        margin = try share(.margin, margin, 0...10)
        segmentMargin = try share(.segmentMargin, segmentMargin, 0...10)
        bias = try share(.bias, bias, 0...10)
        coverage = try share(.coverage, coverage, 0...1)
        significance = try share(.significance, significance, 0.001...0.5)
        smallestSegment = try container.decodeIfPresent(Int.self, forKey: .smallestSegment) ?? smallestSegment
        guard smallestSegment >= 1 else {
            throw DecodingError.dataCorruptedError(
                forKey: .smallestSegment, in: container, debugDescription: "below 1")
        }
        shadow = try container.decodeIfPresent(Int.self, forKey: .shadow) ?? shadow
        guard (0...366).contains(shadow) else {
            throw DecodingError.dataCorruptedError(forKey: .shadow, in: container, debugDescription: "outside 0...366")
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
        try container.encode(margin, forKey: .margin)
        try container.encode(segmentMargin, forKey: .segmentMargin)
        try container.encode(smallestSegment, forKey: .smallestSegment)
        try container.encode(bias, forKey: .bias)
        try container.encode(coverage, forKey: .coverage)
        try container.encode(significance, forKey: .significance)
        // Left out where there is none, as in specs of before.
        if shadow > 0 { try container.encode(shadow, forKey: .shadow) }
    }
}
