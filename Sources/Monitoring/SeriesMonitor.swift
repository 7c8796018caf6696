/// What is known of a bucket's demand.
public enum Observation: Sendable, Hashable {
    /// What was demanded.
    case known(Double)
    /// Not to be judged, and no sign of anything: out of stock, a promotion, a holiday.
    case masked
    /// Unknown without a reason.
    case missing
}

/// What a published forecast said of a bucket.
public struct Prediction: Sendable, Hashable {
    /// Expected demand.
    public var mean: Double
    /// Lower and upper edge of the central 80 % interval.
    public var interval: ClosedRange<Double>

    /// A prediction; edges in the wrong order are exchanged.
    public init(mean: Double, lower: Double, upper: Double) {
        self.mean = mean
        interval = min(lower, upper)...max(lower, upper)
    }
}

/// Watches one series bucket by bucket.
///
/// Two banks of detectors look at it: one at how demand differs from what its season, year and trend would have it, one at
/// the errors of the published forecasts, where there are any. A bucket costs the same however long the series is, and a
/// monitor taken back from its stored state goes on as if it had never stopped.
public struct SeriesMonitor: Sendable, Hashable {
    /// The calendar of the series.
    public let calendar: SeriesCalendar
    /// The last bucket that was looked at.
    public private(set) var through: Int
    private(set) var reference: Reference
    private(set) var demand: DetectorBank
    private(set) var forecast: DetectorBank
    private var forecastsSeen = 0
    /// Residual before this one, whose correlation is taken out.
    private var previous = 0.0
    /// The series' own alarm.
    public private(set) var alarm = AlarmState()
    /// Whether the portfolio names it.
    public private(set) var naming = AlarmState()
    /// What the expected demand was on the last bucket, in the unit of demand.
    public private(set) var expected = 0.0

    /// Forecast errors are not judged before so many were seen.
    private static let smallestForecastSample = 14

    /// A monitor whose reference is a history, NaN where unknown or not to be judged, from the bucket `start` on.
    ///
    /// `missingShare` is the share of buckets that are unknown without a reason. Throws ``Abstention`` where the history is
    /// too short to know what is usual. The same history and seed give the same monitor.
    public init(
        reference values: [Double], start: Int, calendar: SeriesCalendar, missingShare: Double = 0, seed: UInt64 = 1
    ) throws {
        self.calendar = calendar
        var previous = 0.0
        reference = try Reference(
            values, start: start, calendar: calendar, missingShare: missingShare, seed: seed, previous: &previous)
        self.previous = previous
        through = start + values.count - 1
        demand = DetectorBank(phases: calendar.phases, norm: reference.norm)
        forecast = demand
    }

    /// Looks at the next bucket, and at what had been published for it.
    ///
    /// Returns how the series stands then.
    @discardableResult
    public mutating func observe(_ observation: Observation, _ prediction: Prediction? = nil) -> AlarmState.Step {
        through += 1
        let phase = calendar.phase(through)
        let looked = reference.baseline.expected(through, calendar)
        expected = reference.baseline.isSquareRoot ? max(looked, 0) * max(looked, 0) : looked
        switch observation {
        case .masked:
            reference.baseline.advance(nil)
            previous *= reference.correlation
            return alarm.pass()
        case .missing:
            reference.baseline.advance(nil)
            previous *= reference.correlation
            demand.stepMissing()
        case .known(let value):
            let residual = reference.baseline.transformed(value) - looked
            let scale = reference.deviations[phase]
            // One strange value must not move what is expected much.
            reference.baseline.advance(min(max(residual, -3 * scale), 3 * scale))
            let z = reference.standardised(residual / scale, after: &previous)
            reference.follow(z)
            demand.step(z, phase: phase, isZero: value == 0, isOutside: nil)
            if let prediction { judge(value, prediction, phase: phase) }
        }
        return alarm.step(evidence)
    }

    /// Takes what the false discovery rate over the whole portfolio says of the bucket: whether the evidence is enough.
    ///
    /// Called once for each bucket that was judged, after ``observe(_:_:)``.
    @discardableResult
    public mutating func name(_ evidence: Double, isEnough: Bool) -> AlarmState.Step {
        naming.step(evidence, isHot: isEnough)
    }

    private mutating func judge(_ value: Double, _ prediction: Prediction, phase: Int) {
        // The central 80 % of a normal distribution are 2.563 standard deviations wide.
        let width = (prediction.interval.upperBound - prediction.interval.lowerBound) / 2.563
        guard width > 0 else { return }
        forecastsSeen += 1
        let z = min(max((value - prediction.mean) / width, -Reference.bound), Reference.bound)
        forecast.step(z, phase: phase, isZero: value == 0, isOutside: !prediction.interval.contains(value))
    }

    private var judgesForecasts: Bool { forecastsSeen >= SeriesMonitor.smallestForecastSample }

    /// Minus the logarithm of how many times in a series-year without any change there would be evidence like today's.
    public var evidence: Double {
        let ofDemand = reference.scale.evidence(demand.statistics)
        guard judgesForecasts else { return ofDemand }
        // Two banks share the budget.
        return max(ofDemand, reference.scale.evidence(forecastStatistics)) - 0.693_147_180_559_945_3
    }

    /// Zeros, gaps and bins are judged once, in the demand itself.
    private var forecastStatistics: SIMD16<Double> {
        var statistics = forecast.statistics
        for detector in [Detector.zeroShare, .missingShare, .distribution] { statistics[detector.rawValue] = 0 }
        return statistics
    }

    /// What speaks loudest, and since when.
    public var finding: Finding {
        let ofDemand = reference.scale.evidence(demand.statistics)
        let isForecast = judgesForecasts && reference.scale.evidence(forecastStatistics) > ofDemand
        let (bank, statistics) = isForecast ? (forecast, forecastStatistics) : (demand, demand.statistics)
        let detector = reference.scale.loudest(statistics)
        return Finding(
            detector: detector, isForecast: isForecast, statistic: statistics[detector.rawValue], evidence: evidence,
            since: max(through - max(bank.age(detector) - 1, 0), 0), through: through)
    }

    /// How the last residuals are spread beside the reference's.
    public var distances: DistributionDistances? {
        demand.recent.count < DetectorBank.window
            ? nil : DistributionDistances(demand.recentResiduals, reference: reference.quantiles, norm: reference.norm)
    }

    /// What a series' monitor found.
    public struct Finding: Sendable, Hashable {
        /// What speaks loudest.
        public var detector: Detector
        /// Whether it speaks of forecast errors, not of demand itself.
        public var isForecast: Bool
        /// The detector's statistic.
        public var statistic: Double
        /// Minus the logarithm of false alarms per series-year at such evidence.
        public var evidence: Double
        /// The bucket with which the evidence begins.
        public var since: Int
        /// The last bucket looked at.
        public var through: Int
    }
}

extension SeriesMonitor {
    /// The whole state as numbers, to be stored.
    public var encoded: [Double] {
        var numbers: [Double] = [Double(through), Double(forecastsSeen), previous, expected]
        reference.encode(into: &numbers)
        demand.encode(into: &numbers)
        forecast.encode(into: &numbers)
        alarm.encode(into: &numbers)
        naming.encode(into: &numbers)
        return numbers
    }

    /// Takes back what ``encoded`` gave; throws ``MonitoringError/brokenState`` for anything else.
    public init(encoded: [Double], calendar: SeriesCalendar) throws {
        var reader = NumberReader(encoded)
        self.calendar = calendar
        through = try reader.count(below: 1 << 40)
        forecastsSeen = try reader.count(below: 1 << 40)
        previous = try reader.next()
        expected = try reader.next()
        reference = try Reference(&reader, phases: calendar.phases)
        demand = DetectorBank(phases: calendar.phases, norm: reference.norm)
        forecast = demand
        try demand.decode(&reader)
        try forecast.decode(&reader)
        alarm = try AlarmState(&reader)
        naming = try AlarmState(&reader)
        try reader.finish()
    }
}
