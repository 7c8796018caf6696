/// Sebastiano Vigna's SplitMix64: a small generator with a seed, so that the same company is drawn each time.
struct RandomSource: RandomNumberGenerator {
    private var state: UInt64

    /// A source of its own for each name, so that adding an item changes nothing in the others.
    init(seed: UInt64, name: String) {
        // FNV-1a over the name's bytes, begun at the seed.
        state = seed ^ 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in [0, 1).
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number in a range, each equally likely to within 2⁻⁵³.
    mutating func integer(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(uniform() * Double(range.count))
    }

    /// Whether something of that probability happens.
    mutating func happens(_ probability: Double) -> Bool { uniform() < probability }
}
