#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// What a series is expected to be, so that like is compared with like: level, trend, the places of its season, and the
/// waves of its year where the reference has seen most of two.
///
/// Fitted by least squares on the reference and then kept, except that level and trend follow what comes, slowly: a real
/// change is seen long before it is taken for normal, and what the fit was unsure of does not add up over the years.
/// Demand that is never negative is looked at as its square root, which evens out the variance of counts (Bartlett, "The
/// square root transformation in analysis of variance", 1936).
struct Baseline: Sendable, Hashable {
    /// Whether demand is looked at as its square root.
    var isSquareRoot: Bool
    /// Whether the year's waves are known.
    var knowsYear: Bool
    /// Constant, places of the season, then sine and cosine of each wave.
    var coefficients: [Double]
    /// What level and trend have moved since the fit, and the trend per bucket.
    var offset = 0.0
    var slope = 0.0
    /// How much of a residual the level takes.
    var gain: Double

    private static let waves = 2
    private static let slowGain = 0.01
    /// Without the year's waves, its seasons have to be followed.
    private static let quickGain = 0.03

    /// A baseline as it was stored.
    init(
        isSquareRoot: Bool, knowsYear: Bool, coefficients: [Double], offset: Double, slope: Double, gain: Double
    ) {
        self.isSquareRoot = isSquareRoot
        self.knowsYear = knowsYear
        self.coefficients = coefficients
        self.offset = offset
        self.slope = slope
        self.gain = gain
    }

    /// Fits the values from `start` on, NaN where unknown; `nil` where nothing is known.
    init?(_ values: [Double], start: Int, calendar: SeriesCalendar) {
        let known = values.indices.filter { values[$0].isFinite }
        guard let first = known.first, let last = known.last else { return nil }
        isSquareRoot = known.allSatisfy { values[$0] >= 0 }
        knowsYear =
            calendar.year > calendar.phases && calendar.year > 26
            && Double(last - first) >= 1.6 * Double(calendar.year)
        gain = knowsYear || calendar.year <= 26 ? Baseline.slowGain : Baseline.quickGain
        coefficients = []
        let width = calendar.phases + (knowsYear ? 2 * Baseline.waves : 0) + 1
        var clip = Double.infinity
        var fitted: [Double] = []
        // Once with everything, then with strange values pulled in.
        for _ in 0..<2 {
            var equations = NormalEquations(width: width)
            var row = [Double](repeating: 0, count: width)
            for index in known {
                let ordinal = start + index
                for place in 0..<calendar.phases { row[place] = 0 }
                row[calendar.phase(ordinal)] = 1
                if knowsYear { Baseline.waves(calendar.angle(ordinal), into: &row, at: calendar.phases) }
                row[width - 1] = Double(index - last) / Double(calendar.year)
                var value = transformed(values[index])
                if !fitted.isEmpty {
                    let expected = zip(row, fitted).reduce(0) { $0 + $1.0 * $1.1 }
                    value = expected + min(max(value - expected, -clip), clip)
                }
                equations.add(row, value)
            }
            fitted = equations.solution()
            var squares = 0.0
            for index in known {
                var expected = fitted[calendar.phase(start + index)]
                if knowsYear {
                    expected += Baseline.wave(calendar.angle(start + index), fitted[calendar.phases...])
                }
                expected += fitted[width - 1] * Double(index - last) / Double(calendar.year)
                let residual = min(max(transformed(values[index]) - expected, -clip), clip)
                squares += residual * residual
            }
            clip = 3.5 * (squares / Double(known.count)).squareRoot()
        }
        coefficients = Array(fitted.dropLast())
        slope = fitted[width - 1] / Double(calendar.year)
        // As it was at the first value; the pass over the reference brings it to its end.
        offset = -slope * Double(last)
    }

    /// Demand as it is looked at.
    func transformed(_ value: Double) -> Double { isSquareRoot ? max(value, 0).squareRoot() : value }

    /// What a bucket is expected to be, as it is looked at.
    func expected(_ ordinal: Int, _ calendar: SeriesCalendar) -> Double {
        let place = coefficients[calendar.phase(ordinal)] + offset
        return knowsYear ? place + Baseline.wave(calendar.angle(ordinal), coefficients[calendar.phases...]) : place
    }

    /// What a bucket is expected to be, in the unit of demand.
    func demand(_ ordinal: Int, _ calendar: SeriesCalendar) -> Double {
        let value = expected(ordinal, calendar)
        return isSquareRoot ? max(value, 0) * max(value, 0) : value
    }

    /// Goes on by one bucket; `residual` is what was more than expected, `nil` where unknown.
    ///
    /// Level and trend follow with the gains of a filter without overshoot, α and α²/4.
    mutating func advance(_ residual: Double?) {
        offset += slope
        guard let residual else { return }
        offset += gain * residual
        slope += gain * gain / 4 * residual
    }

    private static func waves(_ angle: Double, into row: inout [Double], at place: Int) {
        for wave in 0..<waves {
            row[place + 2 * wave] = sin(Double(wave + 1) * angle)
            row[place + 2 * wave + 1] = cos(Double(wave + 1) * angle)
        }
    }

    private static func wave(_ angle: Double, _ coefficients: ArraySlice<Double>) -> Double {
        let (s, c) = (sin(angle), cos(angle))
        let at = coefficients.startIndex
        return coefficients[at] * s + coefficients[at + 1] * c + coefficients[at + 2] * 2 * s * c
            + coefficients[at + 3] * (c * c - s * s)
    }
}
