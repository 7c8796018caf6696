#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Random numbers from a seed: SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
package struct RandomStream: Sendable {
    private var state: UInt64

    /// The stream of that number under a seed.
    package init(seed: UInt64, number: Int) {
        state = seed &* 0xd134_2543_de82_ef95 &+ UInt64(bitPattern: Int64(number)) &* 0xbf58_476d_1ce4_e5b9
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number in [0, 1).
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number in 0 ..< `count`.
    package mutating func whole(below count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(count)).high) }

    /// A standard normal number, by the transform of Box and Muller (1958).
    package mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * Double.pi * uniform())
    }

    /// A Poisson number of mean 1, by inversion: how often a series comes up in a sample as large as the original.
    mutating func poissonOfMeanOne() -> Double {
        let drawn = uniform()
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
