#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

extension RandomSource {
    /// A standard normal number, by the polar method of Marsaglia and Bray (1964).
    mutating func normal() -> Double {
        while true {
            let first = 2 * uniform() - 1
            let second = 2 * uniform() - 1
            let square = first * first + second * second
            if square > 0 && square < 1 { return first * (-2 * log(square) / square).squareRoot() }
        }
    }

    /// A Poisson count of that mean; 0 where the mean is not positive.
    ///
    /// Knuth's product of uniform numbers, in parts of at most 30 so that the product never runs out of range: the sum
    /// of Poisson counts is a Poisson count.
    mutating func poisson(mean: Double) -> Int {
        var count = 0
        var rest = mean
        while rest > 0 {
            let limit = exp(-min(rest, 30))
            var product = uniform()
            while product > limit {
                count += 1
                product *= uniform()
            }
            rest -= 30
        }
        return count
    }

    /// A negative binomial count: its variance is mean + mean² / `size`.
    ///
    /// A Poisson count whose mean is itself drawn from a gamma distribution.
    mutating func negativeBinomial(mean: Double, size: Double) -> Int {
        guard mean > 0 else { return 0 }
        return poisson(mean: gamma(shape: size) * mean / size)
    }

    /// A geometric count from 1 upwards of that mean; always 1 where the mean is 1 or less.
    mutating func geometric(mean: Double) -> Int {
        guard mean > 1 else { return 1 }
        return 1 + Int(log(1 - uniform()) / log(1 - 1 / mean))
    }

    /// A gamma number of scale 1, after Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
    mutating func gamma(shape: Double) -> Double {
        if shape < 1 { return gamma(shape: shape + 1) * pow(1 - uniform(), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }
}
