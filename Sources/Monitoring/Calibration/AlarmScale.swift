#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Turns detectors' statistics into how often such values come about where nothing has changed.
///
/// A year's maximum of each statistic has nearly a Gumbel distribution, exp(−exp(−(s − μ)/β)), so that values above s come
/// exp(−(s − μ)/β) times a year. μ and β are those of maxima of bootstrapped years: blocks of the reference's residuals laid
/// end to end (Politis and Romano, "A circular block-resampling procedure for stationary data", 1992), moved and
/// stretched at random by what the reference's mean and spread are unsure of. They are never taken to be smaller than for
/// independent normal residuals, because a reference knows little of tails that it is too short to have seen.
struct AlarmScale: Sendable, Hashable {
    /// Location per detector.
    var locations: SIMD16<Double>
    /// Scale per detector.
    var scales: SIMD16<Double>

    /// Bootstrapped years; 64 know μ to a sixth of β, which is a factor of 1.2 in the rate.
    static let years = 64

    /// One bucket of a reference; z is NaN where demand was unknown.
    struct Sample: Sendable, Hashable {
        var z: Double
        var phase: Int
        var isZero: Bool
    }

    /// The scale of a reference; `year` is the number of buckets in a year, and the gains are those with which mean and
    /// deviation follow what comes. `wander` is the deviation by which the mean may
    /// stray without a change.
    init(
        reference: [Sample], phases: Int, norm: DetectorBank.Norm, year: Int, seed: UInt64, years: Int = years,
        meanGain: Double, deviationGain: Double, wander: Double, floor: AlarmScale?
    ) {
        let known = reference.count { !$0.z.isNaN }
        let block = min(max(28, 8 * phases), max(reference.count / 2, 1))
        // The variance of a mean, and of a deviation (Kendall and Stuart, "The Advanced Theory of Statistics", 10.5): of the
        // reference's, and of what follows it since.
        let fourth = reference.reduce(0) { $0 + ($1.z.isNaN ? 0 : $1.z * $1.z * $1.z * $1.z) } / Double(max(known, 1))
        let unsureMean = (1 / Double(max(known, 1)) + meanGain * 0.6 + wander * wander).squareRoot()
        let unsureSpread =
            (max(fourth - 1, 0.5) / 4 * (1 / Double(max(known, 1)) + deviationGain / 2)).squareRoot()
        var sum = SIMD16<Double>()
        var squares = SIMD16<Double>()
        for number in 0..<years {
            var random = RandomStream(seed: seed, number: number)
            var bank = DetectorBank(phases: phases, norm: norm)
            let shift = random.normal() * unsureMean
            let stretch = max(0.5, 1 + random.normal() * unsureSpread)
            var highest = SIMD16<Double>()
            var place = 0
            for step in 0..<year {
                if step % block == 0 { place = random.whole(below: reference.count) }
                let sample = reference[place]
                place = place + 1 == reference.count ? 0 : place + 1
                if sample.z.isNaN {
                    bank.stepMissing()
                } else {
                    bank.step(
                        sample.z * stretch + shift, phase: sample.phase, isZero: sample.isZero,
                        // Intervals that are right leave out a fifth.
                        isOutside: random.uniform() < 0.2)
                }
                highest = pointwiseMax(highest, bank.statistics)
            }
            sum += highest
            squares += highest * highest
        }
        let mean = sum / Double(years)
        let variance = squares / Double(years) - mean * mean
        scales = (variance * (6 / (Double.pi * Double.pi))).replacing(with: 1e-6, where: variance .< 1e-6).squareRoot()
        locations = mean - scales * 0.577_215_664_901_532_9
        guard let floor else { return }
        scales = pointwiseMax(scales, floor.scales)
        locations = pointwiseMax(locations, floor.locations + floor.scales * log(Double(year) / Double(365)))
    }

    /// The scale of independent normal residuals over 365 buckets; series without zeros and gaps take the level's for these.
    static func independent(phases: Int) -> AlarmScale {
        phases == 7 ? independentWeek : made(phases)
    }

    private static let independentWeek = made(7)

    private static func made(_ phases: Int) -> AlarmScale {
        var random = RandomStream(seed: 0x5375_796f, number: -1)
        let sample = (0..<4096).map { Sample(z: random.normal(), phase: $0 % phases, isZero: false) }
        let norm = DetectorBank.Norm(zeroShare: 1e-4, missingShare: 1e-4, residuals: sample.map(\.z))
        var scale = AlarmScale(
            reference: sample, phases: phases, norm: norm, year: 365, seed: 0x5375_796f, years: 400,
            meanGain: 0, deviationGain: 0, wander: 0, floor: nil)
        for detector in [Detector.zeroShare, .missingShare] {
            scale.scales[detector.rawValue] = scale.scales[Detector.levelUp.rawValue]
            scale.locations[detector.rawValue] = scale.locations[Detector.levelUp.rawValue]
        }
        return scale
    }

    private static let logShares: SIMD16<Double> = {
        var shares = SIMD16<Double>(repeating: -.infinity)
        for detector in Detector.allCases { shares[detector.rawValue] = log(detector.share) }
        return shares
    }()

    /// Minus the logarithm of the false alarms per series-year, over all detectors together, that come with statistics as
    /// high as these; and the detector that speaks loudest.
    func evidence(_ statistics: SIMD16<Double>) -> Double {
        ((statistics - locations) / scales + AlarmScale.logShares).max()
    }

    /// The detector whose statistic is the least likely.
    func loudest(_ statistics: SIMD16<Double>) -> Detector {
        let evidence = (statistics - locations) / scales + AlarmScale.logShares
        return Detector.allCases.max { evidence[$0.rawValue] < evidence[$1.rawValue] }!
    }

    /// The evidence of one detector.
    func evidence(_ statistics: SIMD16<Double>, of detector: Detector) -> Double {
        let lane = detector.rawValue
        return (statistics[lane] - locations[lane]) / scales[lane] + AlarmScale.logShares[lane]
    }
}
