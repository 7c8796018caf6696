/// Numbers that look random and are the same for the same seed (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014: SplitMix64).
package struct SeededRandom {
    private var state: UInt64

    /// A stream of numbers that belongs to a seed.
    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 to below `bound`.
    package mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

    /// A number from 0 to below 1.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A Poisson number of mean 1, by inversion: how often a series comes up in a sample as large as the original.
    mutating func poissonOfMeanOne() -> Double {
        let drawn = unit()
        var probability = 0.367_879_441_171_442_33
        var sum = probability
        var count = 0.0
        while drawn > sum && count < 20 {
            count += 1
            probability /= count
            sum += probability
        }
        return count
    }
}
