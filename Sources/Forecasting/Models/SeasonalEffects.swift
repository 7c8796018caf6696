/// Classical seasonal effects: the mean of each bucket of the cycle around a centred moving average.
enum SeasonalEffects {
    /// The effects of `season` buckets, where entry `t mod season` belongs to time `t`.
    ///
    /// Additive effects sum to 0, multiplicative ones to `season` (values must then be positive). Missing values are left
    /// out. A bucket of the cycle that was never seen gets no effect. With fewer than two cycles the overall mean stands
    /// for the moving average.
    static func estimate(_ values: [Double], range: Range<Int>, season: Int, multiplicative: Bool) -> [Double] {
        let neutral = multiplicative ? 1.0 : 0.0
        var sums = [Double](repeating: 0, count: season)
        var counts = [Int](repeating: 0, count: season)
        let half = season / 2
        let centred = range.count >= 2 * season
        var overall = 0.0
        var observed = 0
        for time in range where values[time] == values[time] {
            overall += values[time]
            observed += 1
        }
        guard observed > 0 else { return [Double](repeating: neutral, count: season) }
        overall /= Double(observed)
        for time in range where values[time] == values[time] {
            var centre = overall
            if centred {
                guard time - half >= range.lowerBound, time + half < range.upperBound else { continue }
                guard let average = average(values, around: time, season: season) else { continue }
                centre = average
            }
            if multiplicative && centre <= 0 { continue }
            sums[time % season] += multiplicative ? values[time] / centre : values[time] - centre
            counts[time % season] += 1
        }
        var effects = (0..<season).map { counts[$0] > 0 ? sums[$0] / Double(counts[$0]) : neutral }
        let mean = effects.reduce(0, +) / Double(season)
        for phase in 0..<season {
            if multiplicative {
                effects[phase] = mean > 0 ? max(effects[phase] / mean, 1e-3) : 1
            } else {
                effects[phase] -= mean
            }
        }
        return effects
    }

    /// The centred moving average over one cycle, half weights at both ends of an even one; `nil` with under half of it
    /// observed.
    private static func average(_ values: [Double], around time: Int, season: Int) -> Double? {
        let half = season / 2
        var sum = 0.0
        var weight = 0.0
        for offset in -half...half {
            let value = values[time + offset]
            guard value == value else { continue }
            let share = season.isMultiple(of: 2) && abs(offset) == half ? 0.5 : 1.0
            sum += share * value
            weight += share
        }
        return weight * 2 >= Double(season) ? sum / weight : nil
    }
}
