#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// The sum of the logarithms of many positive numbers per lane, with one logarithm at the end.
///
/// Factors are multiplied; after every few the product's exponent is moved to a counter, so that it neither overflows nor
/// vanishes.
struct LaneLogarithm {
    private var product = Lanes(repeating: 1)
    private var exponents = SIMD8<Int64>()
    private var pending = 0

    /// Multiplies by a number in [1e-35, 1e35] per lane; lanes to be left out are given 1.
    @inline(__always) mutating func multiply(_ factor: Lanes) {
        product *= factor
        pending += 1
        if pending == 8 { normalize() }
    }

    private mutating func normalize() {
        let bits = unsafe unsafeBitCast(product, to: SIMD8<Int64>.self)
        exponents &+= ((bits &>> 52) & 0x7FF) &- 1023
        product = unsafe unsafeBitCast((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000, to: Lanes.self)
        pending = 0
    }

    /// The sum so far; the same bits for the same factors, however many ones a lane was given beside them.
    mutating func sum() -> Lanes {
        normalize()
        var result = Lanes()
        for lane in 0..<Lanes.width {
            result[lane] = log(product[lane]) + Double(exponents[lane]) * 0.6931471805599453
        }
        return result
    }

    /// e to the power of each lane.
    static func exponential(_ power: Lanes) -> Lanes { power.mapped { exp($0) } }
}
