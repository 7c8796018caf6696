/// The quantiles of demand itself, for series whose buckets are mostly zero or wildly uneven.
///
/// A symmetric band around the mean says little about such demand: its median may be 0 and its 95 % quantile 3. The
/// observed values, recent ones counting more, are their own distribution; optionally values from the same bucket of the
/// cycle count most.
struct DemandDistribution: Sendable {
    /// Observed values and when, by ascending value.
    private let sorted: [(value: Double, time: Int)]
    private let season: Int
    private let count: Int
    private let halfLife: Double
    /// How much more a value of the same bucket of the cycle counts.
    private let phaseWeight: Double

    /// The values of the first `count` buckets.
    init(_ history: History, count: Int, byPhase: Bool) {
        var observed: [(value: Double, time: Int)] = []
        for time in 0..<count where history.values[time] == history.values[time] {
            observed.append((history.values[time], time))
        }
        sorted = observed.sorted { ($0.value, $0.time) < ($1.value, $1.time) }
        season = history.season
        self.count = count
        halfLife = Double(max(6 * history.season, 26))
        phaseWeight = byPhase ? 20 : 1
    }

    /// Quantiles at levels in any order for a step (from 0) after the first `count` buckets; 0 where nothing was observed.
    func quantiles(_ levels: [Double], step: Int) -> [Double] {
        guard !sorted.isEmpty else { return levels.map { _ in 0 } }
        let phase = (count + step) % season
        let decays = DemandDistribution.decays(halfLife, count: count)
        var reached: [Double] = []
        reached.reserveCapacity(sorted.count)
        var total = 0.0
        for entry in sorted {
            total += decays[count - 1 - entry.time] * (entry.time % season == phase ? phaseWeight : 1)
            reached.append(total)
        }
        return levels.map { level in
            var low = 0
            var high = sorted.count - 1
            while low < high {
                let middle = (low + high) / 2
                if reached[middle] < level * total { low = middle + 1 } else { high = middle }
            }
            return sorted[low].value
        }
    }

    /// ½^(age / half-life) for ages 0…count − 1.
    private static func decays(_ halfLife: Double, count: Int) -> [Double] {
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
