#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Random numbers from a seed: SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
struct RandomStream {
    private var state: UInt64

    /// The stream of that number under a seed.
    init(seed: UInt64, number: Int) {
        state = seed &* 0xd134_2543_de82_ef95 &+ UInt64(number) &* 0xbf58_476d_1ce4_e5b9
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number of the range, its upper end left out.
    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
    }

    /// A whole number of the range.
    mutating func whole(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(uniform(0...1) * Double(range.count))
    }

    /// A normal number, by the transform of Box and Muller (1958).
    mutating func normal(mean: Double, deviation: Double) -> Double {
        let radius = (-2 * log(1 - uniform(0...1))).squareRoot()
        return mean + deviation * radius * cos(2 * Double.pi * uniform(0...1))
    }
}
