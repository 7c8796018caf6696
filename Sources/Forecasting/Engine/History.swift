internal import TimeSeries

/// One series as the models see it: trimmed, scaled, with what several of them need worked out once.
struct History: Sendable {
    /// The bucket of `values[0]`.
    let start: Bucket
    /// How many buckets lie between the one a model counts time from and `start`; 0 for a whole history.
    let elapsed: Int
    /// Observations over `scale`, so that the largest size lies in [0.5, 1), without the effects of holidays and events
    /// where such are known; NaN where missing.
    private(set) var values: [Double]
    /// `values` with each gap filled from before it: the value one season earlier, else the last one.
    private(set) var filled: [Double]
    /// Observations over `scale` as they were; NaN where missing.
    let actual: [Double]
    /// What was taken out of `actual`; `nil` where nothing is known to move demand.
    private(set) var effects: KnownEffects?
    /// The season in use; 1 where there is none or the series is too short for it.
    let season: Int
    /// The power of two the values were divided by.
    let scale: Double
    /// How many values are not missing.
    let observed: Int
    /// Whether every observation is above 0.
    private(set) var isPositive: Bool
    /// How the demand arrives.
    let demandClass: DemandClass

    /// How many buckets.
    var count: Int { values.count }

    /// The last day of the bucket at a place, as days since 1970-01-01.
    func lastDay(of time: Int) -> Int { start.advanced(by: time + 1).firstDay.daysSinceEpoch - 1 }

    /// Prepares raw values: infinities become missing, leading missing values are dropped.
    ///
    /// - Returns: `nil` where nothing is observed.
    init?(_ series: DemandSeries, season requested: Int, notes: inout [String]) {
        var raw = series.values
        var infinite = 0
        for index in raw.indices where raw[index].isInfinite {
            raw[index] = .nan
            infinite += 1
        }
        if infinite > 0 { notes.append("\(infinite) infinite values are taken as missing") }
        guard let first = raw.firstIndex(where: { !$0.isNaN }) else { return nil }
        if first > 0 { raw.removeFirst(first) }
        var largest = 0.0
        var observed = 0
        var positive = true
        for value in raw where !value.isNaN {
            largest = max(largest, value.magnitude)
            observed += 1
            positive = positive && value > 0
        }
        start = series.start.advanced(by: first)
        elapsed = 0
        self.observed = observed
        isPositive = positive
        demandClass = DemandClass(raw)
        let gaps = raw.count - observed
        if gaps > 0 { notes.append("\(gaps) of \(raw.count) observations are missing") }

        // A power of two scales without rounding; subnormal sizes are rounded to 0 at most.
        scale =
            largest > 0 ? Double(sign: .plus, exponent: min(max(largest.exponent + 1, -1000), 1000), significand: 1) : 1
        let inverse = 1 / scale
        values = raw.map { $0 * inverse }
        actual = values
        season = requested > 1 && values.count >= 2 * requested ? requested : 1
        filled = History.fill(values, season: season)
    }

    /// The same observations with effects taken out; with none for `nil`.
    func without(_ effects: KnownEffects?) -> History {
        if effects == nil && self.effects == nil { return self }
        var result = self
        result.effects = effects
        result.values = effects?.removed(from: actual) ?? actual
        // A series may not begin with a gap.
        if let first = result.values.first, first.isNaN { result.values[0] = actual[0] }
        result.filled = History.fill(result.values, season: season)
        result.isPositive = result.values.allSatisfy { !($0 <= 0) }
        return result
    }

    /// The last values of a longer history, without gaps.
    ///
    /// - Parameters:
    ///   - values: the values, in the unit of the longer history.
    ///   - start: the bucket of the first of them.
    ///   - elapsed: how many buckets of the longer history lie before `start`.
    ///   - season: the season of the longer history.
    init(tail values: [Double], start: Bucket, elapsed: Int, season: Int) {
        self.start = start
        self.elapsed = elapsed
        self.values = values
        filled = values
        actual = values
        self.season = season
        scale = 1
        observed = values.count
        isPositive = false
        demandClass = .smooth
    }

    private static func fill(_ values: [Double], season: Int) -> [Double] {
        var filled = values
        for index in filled.indices where filled[index].isNaN {
            filled[index] = filled[index >= season ? index - season : index - 1]
        }
        return filled
    }

    /// The in-sample mean absolute and root mean squared difference at lag `season` over the first `count` values, as
    /// units for scaled errors; 0 where there is none.
    func differenceScale(count: Int) -> (absolute: Double, squared: Double) {
        let lag = count > season ? season : 1
        var absolute = 0.0
        var squared = 0.0
        var number = 0.0
        for time in lag..<max(count, lag) {
            let difference = values[time] - values[time - lag]
            guard difference == difference else { continue }
            absolute += difference.magnitude
            squared += difference * difference
            number += 1
        }
        return number > 0 ? (absolute / number, (squared / number).squareRoot()) : (0, 0)
    }
}
