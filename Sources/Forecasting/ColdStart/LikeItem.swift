internal import TimeSeries

/// One of the items another one is like.
struct LikeItem {
    /// The ordinal of the first bucket with demand.
    let start: Int
    /// Demand from that bucket on, 0 or more; NaN where missing.
    let values: [Double]
    /// What demand settles at.
    var level = 0.0
    /// Demand of each bucket over what is expected of it.
    private(set) var residuals: [Double] = []
    /// The mean squared distance of demand from what is expected, where the level is.
    private(set) var noise = 0.0

    /// The history of an item from its first demand on; `nil` where there is none.
    ///
    /// - Parameter inverse: what demand is multiplied by.
    init?(_ series: DemandSeries, inverse: Double) {
        let values = series.values.map { $0.isFinite ? max($0 * inverse, 0) : .nan }
        guard let first = values.firstIndex(where: { $0 > 0 }) else { return nil }
        start = series.start.advanced(by: first).ordinal
        self.values = Array(values[first...])
    }

    /// The mean of what was observed.
    var mean: Double {
        var sum = 0.0
        var number = 0.0
        for value in values where value == value {
            sum += value
            number += 1
        }
        return sum / number
    }

    /// Works out how far each bucket is from what level, season and start say.
    mutating func judge(season: [Double], beginning: [Double]) {
        var squares = 0.0
        for time in values.indices where values[time] == values[time] {
            let relative =
                season[LikeItems.phase(start + time, season.count)] * (time < beginning.count ? beginning[time] : 1)
            // A bucket in which hardly anything is expected tells nothing about the rest.
            guard relative > 0.05 else { continue }
            let residual = values[time] / (relative * level)
            residuals.append(residual)
            squares += (residual - 1) * (residual - 1)
        }
        noise = residuals.isEmpty ? 0 : level * level * squares / Double(residuals.count)
    }
}
