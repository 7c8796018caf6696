#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// How demand runs through the year.
struct YearlyShape: Sendable {
    /// Where in the year the peak lies, 0 to 1.
    var peak: Double
    /// Half the difference of the logarithms at peak and trough; 0 is flat.
    var strength: Double

    /// The same all year.
    static let flat = YearlyShape(peak: 0, strength: 0)
    /// Highest at the end of July.
    static func summer(_ strength: Double) -> YearlyShape { YearlyShape(peak: 0.57, strength: strength) }
    /// Highest in the middle of December.
    static func winter(_ strength: Double) -> YearlyShape { YearlyShape(peak: 0.96, strength: strength) }
    /// Highest at the beginning of March, when schools and budgets begin.
    static func spring(_ strength: Double) -> YearlyShape { YearlyShape(peak: 0.17, strength: strength) }

    /// The factor at a point of the year: exp(s·cos 2π(t − peak)) / I₀(s), whose mean over a year is 1.
    ///
    /// I₀ is the modified Bessel function, here by the first terms of its series (within 1 % up to s = 2.5).
    func factor(at yearFraction: Double) -> Double {
        guard strength > 0 else { return 1 }
        let square = strength * strength / 4
        let bessel = 1 + square * (1 + square / 4 * (1 + square / 9 * (1 + square / 16)))
        return exp(strength * cos(2 * Double.pi * (yearFraction - peak))) / bessel
    }
}
