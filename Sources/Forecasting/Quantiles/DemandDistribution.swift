/// The quantiles of demand itself, for series whose buckets are mostly zero or wildly uneven.
///
/// A band around the mean says little about such demand: its median may be 0 and its 95 % quantile 3. The observed values
/// are their own distribution. Two memories are averaged, quantile by quantile: a short one, in which values of the same
/// bucket of the cycle count more than others, and a long one of that bucket alone.
struct DemandDistribution: Sendable {
    /// Observed values and when, by ascending value.
    private let sorted: [(value: Double, time: Int)]
    private let count: Int
    private let season: Int
    private let start: Int
    private let shortDecays: [Double]
    private let longDecays: [Double]

    /// The half-life of the short memory in buckets, and in cycles where there are cycles.
    private static let shortBuckets = 26
    private static let shortCycles = 4
    /// The half-life of the long memory in cycles; a series without cycles is taken to have one every seven buckets.
    private static let longCycles = 26
    /// How much more a value of the same bucket of the cycle counts in the short memory.
    private static let phaseWeight = 6.0
    /// Fewer cycles than this do not show a bucket's own distribution.
    private static let fewestCycles = 6

    /// The distribution after the first `count` values of a history.
    init(_ history: History, count: Int) {
        self.init(history.values[0..<count], season: history.season, start: count)
    }

    /// The distribution of values.
    ///
    /// - Parameters:
    ///   - values: in order of time, NaN where missing; the first is of bucket 0 of the cycle.
    ///   - season: buckets in a cycle; 1 for none.
    ///   - start: the bucket forecast first.
    init(_ values: ArraySlice<Double>, season: Int, start: Int) {
        var observed: [(value: Double, time: Int)] = []
        observed.reserveCapacity(values.count)
        for (time, value) in values.enumerated() where value == value { observed.append((value, time)) }
        sorted = observed.sorted { ($0.value, $0.time) < ($1.value, $1.time) }
        count = values.count
        self.start = start
        let hasCycles = season > 1 && values.count >= DemandDistribution.fewestCycles * season
        self.season = hasCycles ? season : 1
        let short =
            hasCycles
            ? max(DemandDistribution.shortBuckets, DemandDistribution.shortCycles * season)
            : DemandDistribution.shortBuckets
        shortDecays = DemandDistribution.decays(halfLife: Double(short), count: count)
        longDecays = DemandDistribution.decays(
            halfLife: Double(DemandDistribution.longCycles * (hasCycles ? season : 7)), count: count)
    }

    /// After how many steps quantiles repeat.
    var cycle: Int { season }

    /// Quantiles at ascending levels for a step, from 0; 0 where nothing was observed.
    func quantiles(_ levels: [Double], step: Int) -> [Double] {
        guard !sorted.isEmpty else { return levels.map { _ in 0 } }
        let phase = (start + step) % season
        let elsewhere = season > 1 ? 1 / DemandDistribution.phaseWeight : 1
        var result = quantiles(levels, decays: shortDecays, phase: phase, elsewhere: elsewhere)
        let long = quantiles(levels, decays: longDecays, phase: phase, elsewhere: 0)
        for index in result.indices { result[index] = 0.5 * (result[index] + long[index]) }
        return result
    }

    /// The smallest values at which the weight reached is the level's share; `elsewhere` is the weight of other phases.
    private func quantiles(_ levels: [Double], decays: [Double], phase: Int, elsewhere: Double) -> [Double] {
        var total = 0.0
        for entry in sorted {
            total += decays[count - 1 - entry.time] * (entry.time % season == phase ? 1 : elsewhere)
        }
        var result: [Double] = []
        result.reserveCapacity(levels.count)
        guard total > 0 else { return quantiles(levels, decays: decays, phase: phase, elsewhere: 1) }
        var reached = 0.0
        var index = -1
        for level in levels {
            while index < sorted.count - 1, index < 0 || reached < level * total {
                index += 1
                let time = sorted[index].time
                reached += decays[count - 1 - time] * (time % season == phase ? 1 : elsewhere)
            }
            result.append(sorted[index].value)
        }
        return result
    }

    /// ½^(age / half-life) for ages 0…count − 1.
    private static func decays(halfLife: Double, count: Int) -> [Double] {
        // 2^(−1/h) = e^(−ln 2/h), by its series: h is 26 or more, so four terms are exact to 1e-9.
        let x = 0.6931471805599453 / halfLife
        let ratio = 1 - x + x * x / 2 - x * x * x / 6 + x * x * x * x / 24
        var result: [Double] = []
        result.reserveCapacity(count)
        var value = 1.0
        for _ in 0..<count {
            result.append(value)
            value *= ratio
        }
        return result
    }
}
