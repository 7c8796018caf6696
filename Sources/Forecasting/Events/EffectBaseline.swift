/// What demand would have been without any effect: a local level times the season.
enum EffectBaseline {
    /// The baseline of each bucket, 0 or more; 0 throughout where nothing was demanded.
    ///
    /// The level is a centred moving average over about three cycles (one, of a long season), the season the ratio of
    /// sums to it in each phase; three rounds of both. Sums rather than means of ratios bear buckets without demand.
    ///
    /// - Parameters:
    ///   - values: demand per bucket, NaN where missing.
    ///   - season: buckets in a cycle.
    static func estimate(_ values: [Double], season: Int) -> [Double] {
        let count = values.count
        let window = season > 1 ? (season >= 12 ? season + 1 - season % 2 : 3 * season) : 9
        var effects = [Double](repeating: 1, count: season)
        var level = [Double](repeating: 0, count: count)
        var sums = [Double](repeating: 0, count: count + 1)
        var weights = sums
        for _ in 0..<(season > 1 ? 3 : 1) {
            for time in 0..<count {
                // A level is the sum of demand over the sum of seasons, where both are known.
                let known = values[time] == values[time]
                sums[time + 1] = sums[time] + (known ? values[time] : 0)
                weights[time + 1] = weights[time] + (known ? effects[time % season] : 0)
            }
            let whole = weights[count] > 0 ? max(sums[count] / weights[count], 0) : 0
            for time in 0..<count {
                let low = max(0, time - window / 2)
                let high = min(count, time + window / 2 + 1)
                let weight = weights[high] - weights[low]
                level[time] = weight > 0.5 ? max((sums[high] - sums[low]) / weight, 0) : whole
            }
            guard season > 1 else { break }
            var demand = [Double](repeating: 0, count: season)
            var expected = demand
            for time in 0..<count where values[time] == values[time] {
                demand[time % season] += values[time]
                expected[time % season] += level[time]
            }
            for phase in 0..<season {
                effects[phase] = expected[phase] > 0 ? max(demand[phase] / expected[phase], 0) : 1
            }
        }
        for time in 0..<count { level[time] *= effects[time % season] }
        return level
    }
}
