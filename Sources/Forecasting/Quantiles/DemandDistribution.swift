/// The quantiles of demand itself, for series whose buckets are mostly zero or wildly uneven.
///
/// A band around the mean says little about such demand: its median may be 0 and its 95 % quantile 3. The observed values
/// are their own distribution. Two memories are averaged, quantile by quantile: a short one, in which values of the same
/// bucket of the cycle count more than others, and a long one of that bucket alone.
struct DemandDistribution: Sendable {
    /// An observed value with what it counts for in each memory, and its bucket of the cycle.
    private struct Entry {
        var value: Double
        var short: Double
        var long: Double
        var phase: Int
    }

    /// By ascending value.
    private let sorted: [Entry]
    private let season: Int
    private let start: Int

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
        let hasCycles = season > 1 && values.count >= DemandDistribution.fewestCycles * season
        let season = hasCycles ? season : 1
        let shortest = DemandDistribution.shortBuckets
        let short = hasCycles ? max(shortest, DemandDistribution.shortCycles * season) : shortest
        let long = DemandDistribution.longCycles * (hasCycles ? season : 7)
        let shortDecay = DemandDistribution.decay(halfLife: Double(short))
        let longDecay = DemandDistribution.decay(halfLife: Double(long))
        var entries: [Entry] = []
        entries.reserveCapacity(values.count)
        var entry = Entry(value: 0, short: 1, long: 1, phase: values.count % season)
        // From the last value, which counts most, back to the first.
        for value in values.reversed() {
            entry.phase = entry.phase > 0 ? entry.phase - 1 : season - 1
            if value == value {
                entry.value = value
                entries.append(entry)
            }
            entry.short *= shortDecay
            entry.long *= longDecay
        }
        entries.sort { $0.value < $1.value }
        sorted = entries
        self.season = season
        self.start = start
    }

    /// After how many steps quantiles repeat.
    var cycle: Int { season }

    /// Quantiles at ascending levels for a step, from 0; 0 where nothing was observed.
    func quantiles(_ levels: [Double], step: Int) -> [Double] {
        guard !sorted.isEmpty else { return levels.map { _ in 0 } }
        let phase = (start + step) % season
        let elsewhere = season > 1 ? 1 / DemandDistribution.phaseWeight : 1
        var result = quantiles(levels) { $0.phase == phase ? $0.short : elsewhere * $0.short }
        let isSeen = sorted.contains { $0.phase == phase }
        let long = quantiles(levels) { $0.phase == phase || !isSeen ? $0.long : 0 }
        for index in result.indices { result[index] = 0.5 * (result[index] + long[index]) }
        return result
    }

    /// The smallest values at which the weight reached is the level's share.
    @inline(__always)
    private func quantiles(_ levels: [Double], weight: (Entry) -> Double) -> [Double] {
        var total = 0.0
        for entry in sorted { total += weight(entry) }
        var result: [Double] = []
        result.reserveCapacity(levels.count)
        var reached = 0.0
        var index = -1
        for level in levels {
            while index < sorted.count - 1, index < 0 || reached < level * total {
                index += 1
                reached += weight(sorted[index])
            }
            result.append(sorted[index].value)
        }
        return result
    }

    /// 2^(−1/half-life).
    private static func decay(halfLife: Double) -> Double {
        // e^(−ln 2/h), by its series: h is 26 or more, so four terms are exact to 1e-9.
        let x = 0.6931471805599453 / halfLife
        return 1 - x + x * x / 2 - x * x * x / 6 + x * x * x * x / 24
    }
}
