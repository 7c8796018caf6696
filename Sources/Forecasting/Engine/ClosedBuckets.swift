/// The buckets of the cycle in which nothing is ever sold, such as the Sundays of a shop that is closed then.
///
/// A bucket of the cycle is closed where it was observed often, never had demand, and chance does not explain that: with a
/// share p of the other buckets having demand, k buckets without any have the probability (1 − p)ᵏ.
struct ClosedBuckets: Sendable, Codable, Hashable {
    /// Whether each bucket of the cycle is closed; empty where none is.
    private var closed: [Bool]

    /// Fewer observations than this of a bucket of the cycle say nothing.
    private static let fewest = 8
    /// The largest probability of chance, shared among the buckets of the cycle.
    private static let chance = 0.001

    /// None.
    init() { closed = [] }

    /// Looks at the first `count` values of a history.
    init(_ history: History, count: Int) {
        let season = history.season
        guard season > 1, !history.isPositive, count >= ClosedBuckets.fewest * season else {
            closed = []
            return
        }
        var observed = [Int](repeating: 0, count: season)
        var demands = observed
        for time in 0..<count where history.values[time] == history.values[time] {
            observed[time % season] += 1
            if history.values[time] != 0 { demands[time % season] += 1 }
        }
        let allObserved = observed.reduce(0, +)
        let allDemands = demands.reduce(0, +)
        var closed = [Bool](repeating: false, count: season)
        for phase in 0..<season where demands[phase] == 0 && observed[phase] >= ClosedBuckets.fewest {
            let without = 1 - Double(allDemands) / Double(max(allObserved - observed[phase], 1))
            var probability = 1.0
            for _ in 0..<observed[phase] { probability *= without }
            closed[phase] = probability < ClosedBuckets.chance / Double(season)
        }
        self.closed = closed.contains(true) ? closed : []
    }

    /// The same, counted from a later bucket.
    func counted(from time: Int) -> ClosedBuckets {
        guard !closed.isEmpty else { return self }
        let first = time % closed.count
        var result = self
        result.closed = Array(closed[first...] + closed[..<first])
        return result
    }

    /// After how many buckets all repeats; 0 where none is closed.
    var cycle: Int { closed.count }

    /// Whether a bucket is closed, counted from the start of the history.
    func contains(_ time: Int) -> Bool { !closed.isEmpty && closed[time % closed.count] }

    /// Whether no bucket is closed.
    var isEmpty: Bool { closed.isEmpty }

    /// Sets the quantiles of closed buckets to 0.
    ///
    /// - Parameters:
    ///   - quantiles: row-major, step × level.
    ///   - origin: the bucket of the first step.
    ///   - width: how many levels.
    func close(_ quantiles: inout [Double], from origin: Int, width: Int) {
        guard !closed.isEmpty else { return }
        for index in quantiles.indices where contains(origin + index / width) { quantiles[index] = 0 }
    }

    /// By how much forecasts of open buckets grow, so that what a model without a season spreads over closed buckets is
    /// sold in the others: the sum over a cycle divided by that over its open buckets, between 1 and what it is for a model
    /// that forecasts the same for every bucket.
    ///
    /// - Parameters:
    ///   - forecasts: at least a cycle of them.
    ///   - origin: the bucket of the first.
    func openGrowth(_ forecasts: ArraySlice<Double>, from origin: Int) -> Double {
        guard !closed.isEmpty else { return 1 }
        var all = 0.0
        var open = 0.0
        for (step, forecast) in forecasts.prefix(closed.count).enumerated() {
            all += max(forecast, 0)
            if !contains(origin + step) { open += max(forecast, 0) }
        }
        let largest = Double(closed.count) / Double(max(closed.count { !$0 }, 1))
        return open > 0 && all.isFinite ? min(max(all / open, 1), largest) : 1
    }
}
