/// The detectors of one series, all fed with the same standardised residuals: one step costs the same however long the
/// series is, and the state is a few dozen numbers.
///
/// The first eight detectors are cumulative sums S ← max(0, S + x − k) (Page, "Continuous inspection schemes",
/// Biometrika 41, 1954): of the residual z itself, of the log-likelihood ratio z²/4 − ln(2)/2 of twice the variance, and of
/// standardised indicators. The seasonal pattern is Σ (m_p − m̄)² (2 − g)/g over the places p of a season, m_p a mean of
/// z with exponential weights g; the distribution is the population stability index of the last `window` residuals.
struct DetectorBank: Sendable, Hashable {
    /// What the indicators and bins are measured against.
    struct Norm: Sendable, Hashable {
        /// Share of buckets without demand.
        var zeroShare: Double
        /// Share of unknown buckets.
        var missingShare: Double
        /// The edges between ten bins of the residuals, ascending.
        var edges: [Double]
        /// The share of residuals expected in each bin.
        var expected: [Double]
        /// Each bin's part of the population stability index for 0, 1, … `window` residuals in it, bin by bin, with half a
        /// residual added to each so that none is empty.
        let stability: [Double]
    }

    static let window = 28
    static let bins = 10
    private static let weight = 0.3
    private static let largestIndicator = 4.0

    /// Level up and down, bias up and down, spread, zero share, missing share, coverage.
    private(set) var sums = SIMD8<Double>()
    /// Buckets since each sum was last zero.
    private(set) var ages = SIMD8<Double>()
    private(set) var pattern = 0.0
    private(set) var distribution = 0.0
    private(set) var recent: [Double] = []
    private var means: [Double]
    private var meanSum = 0.0
    private var meanSquares = 0.0
    private var counts = [Int](repeating: 0, count: bins)
    private var place = 0
    private let zeroStep: SIMD2<Double>
    private let missingStep: SIMD2<Double>
    private let norm: Norm

    init(phases: Int, norm: Norm) {
        means = [Double](repeating: 0, count: phases)
        self.norm = norm
        zeroStep = DetectorBank.steps(norm.zeroShare, allowance: 0.5)
        missingStep = DetectorBank.steps(norm.missingShare, allowance: 0.5)
    }

    /// What is added where an indicator of that share is 0, and where it is 1.
    private static func steps(_ share: Double, allowance: Double) -> SIMD2<Double> {
        let deviation = (share * (1 - share)).squareRoot()
        return SIMD2(-share / deviation - allowance, min((1 - share) / deviation, largestIndicator) - allowance)
    }

    /// A bucket whose demand is known: its residual z, its place in the season, whether nothing was demanded, and whether
    /// it fell outside the central 80 % interval, where there is one.
    mutating func step(_ z: Double, phase: Int, isZero: Bool, isOutside: Bool?) {
        let outside = isOutside.map { $0 ? 1.75 : -0.75 } ?? 0
        let steps = SIMD8(
            z - 0.5, -z - 0.5, z - 0.25, -z - 0.25, z * z * 0.25 - 0.346_573_590_279_972_6,
            isZero ? zeroStep.y : zeroStep.x, missingStep.x, outside)
        advance(steps)

        let old = means[phase]
        let new = old + DetectorBank.weight * (z - old)
        means[phase] = new
        meanSum += new - old
        meanSquares += new * new - old * old
        pattern =
            (meanSquares - meanSum * meanSum / Double(means.count)) * (2 - DetectorBank.weight) / DetectorBank.weight
        remember(z)
    }

    /// A bucket whose demand is unknown without a reason.
    mutating func stepMissing() {
        advance(SIMD8(0, 0, 0, 0, 0, 0, missingStep.y, 0))
    }

    private mutating func advance(_ steps: SIMD8<Double>) {
        sums += steps
        let isZero = sums .<= 0
        sums.replace(with: 0, where: isZero)
        ages += 1
        ages.replace(with: 0, where: isZero)
    }

    private mutating func remember(_ z: Double) {
        let bin = bin(of: z)
        if recent.count < DetectorBank.window {
            recent.append(z)
            counts[bin] += 1
            if recent.count == DetectorBank.window {
                distribution = (0..<DetectorBank.bins).reduce(0) { $0 + stability($1) }
            }
            return
        }
        let leaving = self.bin(of: recent[place])
        recent[place] = z
        place = place == DetectorBank.window - 1 ? 0 : place + 1
        guard leaving != bin else { return }
        distribution -= stability(leaving) + stability(bin)
        counts[leaving] -= 1
        counts[bin] += 1
        distribution += stability(leaving) + stability(bin)
    }

    private func bin(of z: Double) -> Int {
        var bin = 0
        for edge in norm.edges where z > edge { bin += 1 }
        return bin
    }

    private func stability(_ bin: Int) -> Double { norm.stability[bin * (DetectorBank.window + 1) + counts[bin]] }

    /// Every detector's statistic, in the order of ``Detector``; the rest is 0.
    var statistics: SIMD16<Double> {
        SIMD16(lowHalf: sums, highHalf: SIMD8(pattern, distribution, 0, 0, 0, 0, 0, 0))
    }

    /// Residuals of the last `window` known buckets, oldest first.
    var recentResiduals: [Double] { Array(recent[place...] + recent[..<place]) }

    /// How many buckets ago a detector's evidence began.
    func age(_ detector: Detector) -> Int {
        detector.rawValue < 8 ? Int(ages[detector.rawValue]) : DetectorBank.window
    }
}

extension DetectorBank {
    /// Appends the state to `numbers`.
    func encode(into numbers: inout [Double]) {
        for lane in 0..<8 { numbers.append(sums[lane]) }
        for lane in 0..<8 { numbers.append(ages[lane]) }
        numbers += means
        numbers.append(Double(place))
        numbers.append(Double(recent.count))
        numbers += recent
        numbers += [meanSum, meanSquares, pattern, distribution]
    }

    /// Takes back what ``encode(into:)`` wrote.
    mutating func decode(_ reader: inout NumberReader) throws {
        for lane in 0..<8 { sums[lane] = try reader.next() }
        for lane in 0..<8 { ages[lane] = try reader.next() }
        means = try reader.next(means.count)
        place = try reader.count(below: DetectorBank.window)
        recent = try reader.next(try reader.count(below: DetectorBank.window + 1))
        meanSum = try reader.next()
        meanSquares = try reader.next()
        pattern = try reader.next()
        distribution = try reader.next()
        counts = [Int](repeating: 0, count: DetectorBank.bins)
        for z in recent { counts[bin(of: z)] += 1 }
    }
}
