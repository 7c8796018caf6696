#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif
internal import TimeSeries

/// What like items say about one that has no history of its own to speak of: the season they share, how they began, how high
/// they sell and how much they differ.
///
/// Demand is taken to be level × season × start. Season and start are averages over the items of demand relative to its
/// level, so that a large item says no more than a small one.
struct LikeItems {
    /// How many items had something to say.
    let count: Int
    /// The power of two demand is divided by in all that follows.
    let scale: Double
    /// Relative demand per bucket of the cycle, by ordinal mod season; it averages 1. A single 1 without a season.
    private let season: [Double]
    /// Relative demand of the first buckets an item is sold in.
    private let beginning: [Double]
    /// The mean of the items' levels.
    let level: Double
    /// The variance of their levels around it.
    let variance: Double
    /// The spread of the logarithm of their levels.
    let spread: Double
    /// The mean variance of a bucket's demand around its item's level.
    let noise: Double
    /// Demand over what level, season and start say, ascending, of all items.
    let residuals: [Double]

    /// Residuals kept, evenly spread over all there are.
    private static let keptResiduals = 200
    /// Buckets in which an item counts as new where there is no season.
    private static let beginningWithoutSeason = 8
    private static let longestBeginning = 26
    /// Items that differ by more than a factor of 20 are hardly alike.
    private static let largestSpread = 3.0

    /// Learns from like items; `nil` where none of them ever had demand.
    ///
    /// - Parameter season: buckets in a season; 1 for none.
    init?(_ series: [DemandSeries], season length: Int) {
        let largest = series.flatMap(\.values).reduce(0) { $1.isFinite ? max($0, $1) : $0 }
        guard largest > 0 else { return nil }
        scale = Double(sign: .plus, exponent: min(max(largest.exponent + 1, -1000), 1000), significand: 1)
        let inverse = 1 / scale
        var items = series.compactMap { LikeItem($0, inverse: inverse) }
        let season = LikeItems.season(items, length: length)
        let size = min(length > 1 ? length : LikeItems.beginningWithoutSeason, LikeItems.longestBeginning)
        for index in items.indices {
            items[index].level = LikeItems.level(items[index], season: season, skipping: size)
        }
        items.removeAll { !($0.level > 0) }
        guard !items.isEmpty else { return nil }
        let beginning = LikeItems.beginning(items, season: season, size: size)
        for index in items.indices { items[index].judge(season: season, beginning: beginning) }
        count = items.count
        self.season = season
        self.beginning = beginning
        let levels = items.map(\.level)
        let level = levels.reduce(0, +) / Double(levels.count)
        self.level = level
        let noise = items.reduce(0) { $0 + $1.noise } / Double(items.count)
        self.noise = noise
        spread = LikeItems.spread(levels)
        // The variance of a lognormal of that spread; part of the spread among few items is noise, which errs on the wide
        // side.
        variance = level * level * (exp(spread * spread) - 1)
        let pooled = items.flatMap(\.residuals).sorted()
        let kept = min(pooled.count, LikeItems.keptResiduals)
        residuals = kept == 0 ? [1] : (0..<kept).map { pooled[(2 * $0 + 1) * pooled.count / (2 * kept)] }
    }

    /// Relative demand of a bucket by the season alone.
    func season(of ordinal: Int) -> Double { season[LikeItems.phase(ordinal, season.count)] }

    /// Relative demand of the bucket `age` buckets after the first an item was sold in, by its newness alone.
    func beginning(at age: Int) -> Double { age < beginning.count ? beginning[age] : 1 }

    /// The place of a bucket in its cycle.
    static func phase(_ ordinal: Int, _ length: Int) -> Int {
        let remainder = ordinal % length
        return remainder < 0 ? remainder + length : remainder
    }

    /// The average over items of at least two cycles of their season relative to their mean.
    private static func season(_ items: [LikeItem], length: Int) -> [Double] {
        guard length > 1 else { return [1] }
        var sums = [Double](repeating: 0, count: length)
        var number = 0.0
        for item in items where item.values.count >= 2 * length {
            let mean = item.mean
            guard mean > 0 else { continue }
            let effects = SeasonalEffects.estimate(
                item.values, range: item.values.indices, season: length, multiplicative: false)
            for time in 0..<length { sums[phase(item.start + time, length)] += max(1 + effects[time] / mean, 0) }
            number += 1
        }
        let total = sums.reduce(0, +)
        guard number > 0, total > 0 else { return [Double](repeating: 1, count: length) }
        return sums.map { $0 * Double(length) / total }
    }

    /// Demand over season, after the first buckets where there are later ones: the level an item settles at.
    private static func level(_ item: LikeItem, season: [Double], skipping size: Int) -> Double {
        let first = item.values.count >= 2 * size ? size : 0
        var sum = 0.0
        var expected = 0.0
        for time in first..<item.values.count where item.values[time] == item.values[time] {
            sum += item.values[time]
            expected += season[phase(item.start + time, season.count)]
        }
        return expected > 0 ? sum / expected : 0
    }

    /// Demand of the first buckets relative to level and season, averaged over the items that were seen to begin, and as
    /// though half an item more had begun at its level.
    private static func beginning(_ items: [LikeItem], season: [Double], size: Int) -> [Double] {
        // Items whose history begins with the first of all may have been sold before it.
        let earliest = items.reduce(Int.max) { min($0, $1.start) }
        var sums = [Double](repeating: 0.5, count: size)
        var weights = sums
        for item in items where item.start > earliest && item.values.count >= 2 * size {
            for age in 0..<size where item.values[age] == item.values[age] {
                sums[age] += item.values[age] / item.level
                weights[age] += season[phase(item.start + age, season.count)]
            }
        }
        return zip(sums, weights).map { $0 / $1 }
    }

    /// The standard deviation of log levels, with two items' worth of what items usually differ by: a factor of 2.
    private static func spread(_ levels: [Double]) -> Double {
        let logarithms = levels.map { log($0) }
        let mean = logarithms.reduce(0, +) / Double(levels.count)
        let squares = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let usual = log(2.0)
        let spread = ((squares + 2 * usual * usual) / Double(levels.count + 1)).squareRoot()
        return min(spread, LikeItems.largestSpread)
    }
}
