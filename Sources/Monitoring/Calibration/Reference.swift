/// Why a series is not judged.
public enum Abstention: Error, Sendable, Hashable, CustomStringConvertible {
    /// Fewer buckets are known than a reference needs.
    case tooFew(known: Int, needed: Int)
    /// Every known bucket has the same demand.
    case constant

    /// One sentence.
    public var description: String {
        switch self {
        case .tooFew(let known, let needed):
            "Only \(known) buckets are known, and a reference needs \(needed)."
        case .constant: "Demand was always the same, so nothing can be said of its usual spread."
        }
    }
}

/// What is usual for a series: its baseline, the spread and the correlation of its residuals, and how high each
/// detector's statistic goes while nothing changes.
struct Reference: Sendable, Hashable {
    var baseline: Baseline
    /// Standard deviation of the residuals at each place of the season, as demand is looked at.
    var deviations: [Double]
    /// Correlation of neighbouring residuals, taken out before they are judged.
    var correlation: Double
    /// Mean and deviation of what is left; the deviation follows what comes, slowly, as the level does.
    var centre: Double
    var deviation: Double
    var norm: DetectorBank.Norm
    var scale: AlarmScale
    /// Quantiles of the residuals at (i + ½) / 32.
    var quantiles: [Double]

    /// Residuals beyond so many standard deviations count as so many.
    static let bound = 3.0
    private static let quantileCount = 32
    /// How much of a squared residual the variance takes.
    private static let gain = 0.005
    /// By how many deviations a year's season may move the mean unseen, beside what the level follows.
    private static let unseenSeason = 0.2
    /// How many residuals the spread of all places weighs beside a place's own.
    private static let shrinkage = 10.0

    init(
        _ values: [Double], start: Int, calendar: SeriesCalendar, missingShare: Double, seed: UInt64,
        previous: inout Double
    ) throws {
        let known = values.count { $0.isFinite }
        guard known >= calendar.smallestReference, var baseline = Baseline(values, start: start, calendar: calendar)
        else { throw Abstention.tooFew(known: known, needed: calendar.smallestReference) }
        var residuals = [Double](repeating: .nan, count: values.count)
        let rough = Reference.roughDeviation(values, start: start, calendar, baseline)
        // A fit leaves rounding errors of what never varies.
        let largest = values.reduce(0) { $1.isFinite ? max($0, abs(baseline.transformed($1))) : $0 }
        guard rough > 1e-6 * largest else { throw Abstention.constant }
        for index in values.indices {
            let residual = baseline.transformed(values[index]) - baseline.expected(start + index, calendar)
            residuals[index] = residual
            baseline.advance(residual.isFinite ? min(max(residual, -3 * rough), 3 * rough) : nil)
        }
        deviations = Reference.deviations(residuals, start: start, calendar)
        for index in residuals.indices { residuals[index] /= deviations[calendar.phase(start + index)] }
        correlation = Reference.correlation(residuals)
        self.baseline = baseline
        centre = 0
        deviation = 1
        norm = DetectorBank.Norm(zeroShare: 0.5, missingShare: 0.5, residuals: [0])
        quantiles = []
        scale = AlarmScale.independent(phases: calendar.phases)

        previous = 0
        var left = residuals.map { $0.isFinite ? standardised($0, after: &previous) : skipped(&previous) }
        let finite = left.filter(\.isFinite)
        centre = finite.reduce(0, +) / Double(finite.count)
        // Residuals of the fit are too small by its coefficients, and those to come too large by as many.
        let coefficients = min(Double(baseline.coefficients.count + 2) / Double(finite.count), 0.4)
        deviation = max(
            (finite.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(finite.count)
                * (1 + coefficients) / (1 - coefficients)).squareRoot(), 1e-6)
        for index in left.indices { left[index] = (left[index] - centre) / deviation }
        let zeros = values.count { $0 == 0 }
        norm = DetectorBank.Norm(
            zeroShare: (Double(zeros) + 0.5) / (Double(known) + 1),
            missingShare: (missingShare * Double(values.count) + 0.5) / (Double(values.count) + 1),
            residuals: left.filter(\.isFinite))
        let sorted = left.filter(\.isFinite).sorted()
        quantiles = (0..<Reference.quantileCount).map {
            sorted[min((2 * $0 + 1) * sorted.count / (2 * Reference.quantileCount), sorted.count - 1)]
        }
        let sample = left.indices.filter { left[$0].isFinite }.map {
            AlarmScale.Sample(z: left[$0], phase: calendar.phase(start + $0), isZero: values[$0] == 0)
        }
        let unseenSeason = baseline.knowsYear || calendar.year <= 26 ? 0 : Reference.unseenSeason
        scale = AlarmScale(
            reference: sample, phases: calendar.phases, norm: norm, year: calendar.year, seed: seed,
            meanGain: baseline.gain, deviationGain: Reference.gain,
            wander: (unseenSeason * unseenSeason + Reference.wander(left)).squareRoot(), floor: scale)
        if norm.zeroShare > 0.5 {
            // Where most buckets are zero, few have told how large demand may be, and the bootstrap knows no others: the
            // spread has to speak louder by a factor of eight in the rate, measured on made-up intermittent demand.
            let spread = Detector.spread.rawValue
            scale.locations[spread] += 2.08 * scale.scales[spread]
        }
    }

    /// What is left of a scaled residual without the part the one before it explains, bounded and standardised.
    func standardised(_ residual: Double, after previous: inout Double) -> Double {
        let left =
            (residual - correlation * previous) / (1 - correlation * correlation).squareRoot()
        previous = residual
        return (min(max(left, -Reference.bound), Reference.bound) - centre) / deviation
    }

    /// Lets the deviation follow a standardised residual, which counts as 3 at most.
    mutating func follow(_ z: Double) {
        deviation *= 1 + Reference.gain / 2 * (min(z * z, 9) - 1)
    }

    /// Variance of a mean that strays for weeks and comes back, which is no change: that of the means of four weeks beyond
    /// what independent residuals, and the estimate's own standard error, would make of it.
    private static func wander(_ left: [Double]) -> Double {
        let stretch = DetectorBank.window
        let means = stride(from: left.count % stretch, through: left.count - stretch, by: stretch).compactMap {
            start -> (mean: Double, count: Double)? in
            let known = left[start..<start + stretch].filter(\.isFinite)
            return 2 * known.count < stretch
                ? nil : (known.reduce(0, +) / Double(known.count), Double(known.count))
        }
        guard means.count > 3 else { return 0 }
        let excess = means.reduce(0) { $0 + $1.mean * $1.mean - 1 / $1.count } / Double(means.count)
        let chance = means.reduce(0) { $0 + 1 / $1.count } / Double(means.count)
        return max(excess - chance * (2 / Double(means.count)).squareRoot(), 0)
    }

    private func skipped(_ previous: inout Double) -> Double {
        previous *= correlation
        return .nan
    }

    private static func roughDeviation(
        _ values: [Double], start: Int, _ calendar: SeriesCalendar, _ baseline: Baseline
    ) -> Double {
        var baseline = baseline
        var squares = 0.0
        var count = 0
        for index in values.indices {
            let residual = baseline.transformed(values[index]) - baseline.expected(start + index, calendar)
            baseline.advance(nil)
            guard residual.isFinite else { continue }
            squares += residual * residual
            count += 1
        }
        return (squares / Double(max(count, 1))).squareRoot()
    }

    /// Per place of the season, drawn towards that of all places; none is taken for less than a quarter of it.
    private static func deviations(_ residuals: [Double], start: Int, _ calendar: SeriesCalendar) -> [Double] {
        var squares = [Double](repeating: 0, count: calendar.phases)
        var counts = [Double](repeating: 0, count: calendar.phases)
        for index in residuals.indices where residuals[index].isFinite {
            squares[calendar.phase(start + index)] += residuals[index] * residuals[index]
            counts[calendar.phase(start + index)] += 1
        }
        let all = squares.reduce(0, +) / max(counts.reduce(0, +), 1)
        return zip(squares, counts).map { squares, count in
            max((squares + shrinkage * all) / (count + shrinkage), all / 16).squareRoot()
        }
    }

    /// Lag-1 correlation, from 0 to 0.95: none where it could be chance, else corrected for its bias, −(1 + 3ρ)/n (Kendall,
    /// "Note on bias in the estimation of autocorrelation", Biometrika 41, 1954), and raised by half its standard error,
    /// because what is left of it raises many alarms and what is taken too much costs a day.
    private static func correlation(_ residuals: [Double]) -> Double {
        var products = 0.0
        var squares = 0.0
        var pairs = 0.0
        for index in residuals.indices.dropFirst() where residuals[index].isFinite && residuals[index - 1].isFinite {
            products += residuals[index] * residuals[index - 1]
            squares += residuals[index - 1] * residuals[index - 1]
            pairs += 1
        }
        guard squares > 0 else { return 0 }
        let raw = products / squares
        guard raw > 2 / pairs.squareRoot() else { return 0 }
        return min(raw + (1 + 3 * raw) / pairs + 0.5 * ((1 - raw * raw) / pairs).squareRoot(), 0.95)
    }
}

extension Reference {
    /// Appends everything to `numbers`.
    func encode(into numbers: inout [Double]) {
        numbers += [
            baseline.isSquareRoot ? 1 : 0, baseline.knowsYear ? 1 : 0, baseline.offset, baseline.slope, baseline.gain,
            Double(baseline.coefficients.count),
        ]
        numbers += baseline.coefficients
        numbers += deviations
        numbers += [correlation, centre, deviation, norm.zeroShare, norm.missingShare]
        numbers += norm.edges
        numbers += norm.expected
        for lane in 0..<Detector.count { numbers += [scale.locations[lane], scale.scales[lane]] }
        numbers += quantiles
    }

    /// Takes back what ``encode(into:)`` wrote.
    init(_ reader: inout NumberReader, phases: Int) throws {
        let isSquareRoot = try reader.next() == 1
        let knowsYear = try reader.next() == 1
        let (offset, slope, gain) = (try reader.next(), try reader.next(), try reader.next())
        let count = try reader.count(below: 1024)
        baseline = Baseline(
            isSquareRoot: isSquareRoot, knowsYear: knowsYear, coefficients: try reader.next(count), offset: offset,
            slope: slope, gain: gain)
        deviations = try reader.next(phases)
        correlation = try reader.next()
        centre = try reader.next()
        deviation = try reader.next()
        let (zeros, missing) = (try reader.next(), try reader.next())
        norm = DetectorBank.Norm(
            zeroShare: zeros, missingShare: missing, edges: try reader.next(DetectorBank.bins - 1),
            expected: try reader.next(DetectorBank.bins))
        scale = AlarmScale.independent(phases: phases)
        for lane in 0..<Detector.count {
            scale.locations[lane] = try reader.next()
            scale.scales[lane] = try reader.next()
        }
        quantiles = try reader.next(Reference.quantileCount)
    }
}
