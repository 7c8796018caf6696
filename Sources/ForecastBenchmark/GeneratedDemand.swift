#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif
public import TimeSeries

/// Demand drawn from a seed, so that measuring needs no file and each measurement sees the same series.
public enum GeneratedDemand: String, Sendable, CaseIterable {
    /// Monthly business series of 4 to 10½ years: a wandering level, for most a season, noise, now and then an outlier.
    case monthly
    /// Three years of weekly sales with a season over the year and weeks of holidays.
    case weekly
    /// Four years of monthly demand for spare parts: mostly zeros.
    case intermittent

    /// How long a bucket is.
    public var frequency: Frequency { self == .weekly ? .weekly : .monthly }

    /// The steps that are usually forecast.
    public var horizon: Int {
        switch self {
        case .monthly: 18
        case .weekly: 13
        case .intermittent: 6
        }
    }

    /// How many series make a measurement.
    public var usualCount: Int {
        switch self {
        case .monthly: 1428
        case .weekly: 400
        case .intermittent: 2000
        }
    }

    /// So many series, each `steps` buckets longer than what is to be known of it.
    public func series(_ count: Int, steps: Int, seed: UInt64 = 1) -> [DemandSeries] {
        let start = Bucket(frequency: frequency, containing: CivilDate(year: 2015, month: 1, day: 5))
        return (0..<count).map { number in
            // A stream of its own for each, so that asking for more series changes none.
            var random = RandomStream(seed: seed, number: number)
            let values =
                switch self {
                case .monthly: GeneratedDemand.business(random.whole(48...126) + steps, &random)
                case .weekly: GeneratedDemand.sales(156 + steps, &random)
                case .intermittent: GeneratedDemand.parts(45 + steps, &random)
                }
            return DemandSeries(key: SeriesKey(item: "\(rawValue)-\(number + 1)"), start: start, values: values)
        }
    }

    /// level · season · noise, in logarithms, the level a random walk with a drift that fades.
    private static func business(_ count: Int, _ random: inout RandomStream) -> [Double] {
        let size = exp(random.normal(mean: 8, deviation: 1))
        let wandering = random.uniform(0...0.03)
        let noise = random.uniform(0.01...0.12)
        let amplitude = random.uniform(0...1) < 0.3 ? 0 : random.uniform(0.03...0.35)
        let phase = random.uniform(0...12)
        let second = amplitude * random.uniform(0...0.6)
        var drift = random.normal(mean: 0.002, deviation: 0.006)
        var level = 0.0
        return (0..<count).map { month in
            let angle = 2 * Double.pi * (Double(month) - phase) / 12
            level += drift + random.normal(mean: 0, deviation: wandering)
            drift *= 0.995
            var logarithm = level + amplitude * sin(angle) + second * sin(2 * angle + phase)
            logarithm += random.normal(mean: 0, deviation: noise)
            if random.uniform(0...1) < 0.004 { logarithm += random.normal(mean: 0, deviation: 0.5) }
            return (size * exp(logarithm) * 100).rounded() / 100
        }
    }

    private static func sales(_ count: Int, _ random: inout RandomStream) -> [Double] {
        let size = exp(random.normal(mean: 7, deviation: 1.2))
        let wandering = random.uniform(0...0.03)
        let noise = random.uniform(0.03...0.2)
        let amplitude = random.uniform(0...0.25)
        let phase = random.uniform(0...52)
        var peaks = [Double](repeating: 0, count: 52)
        for _ in 0..<random.whole(0...5) { peaks[random.whole(0...51)] += random.normal(mean: 0.35, deviation: 0.25) }
        var level = 0.0
        return (0..<count).map { week in
            level += random.normal(mean: 0, deviation: wandering)
            let angle = 2 * Double.pi * (Double(week) - phase) / 52
            let logarithm =
                level + amplitude * sin(angle) + peaks[week % 52] + random.normal(mean: 0, deviation: noise)
            return (size * exp(logarithm)).rounded()
        }
    }

    /// Each month brings demand or not; what it brings is geometric. A tenth of the parts fade away.
    private static func parts(_ count: Int, _ random: inout RandomStream) -> [Double] {
        let share = random.uniform(0.08...0.55)
        let more = random.uniform(0.1...3)
        let fading = random.uniform(0...1) < 0.1 ? random.uniform(0.9...0.97) : 1
        var chance = share
        return (0..<count).map { _ in
            chance *= fading
            guard random.uniform(0...1) < chance else { return 0 }
            return 1 + (-more * log(1 - random.uniform(0...1))).rounded(.down)
        }
    }
}
