public import TimeSeries

/// Series whose last buckets are held back, and the scores of forecasts of them.
public struct HoldOut: Sendable {
    /// What is known of each series.
    public let known: [DemandSeries]
    /// What came after it, `horizon` values per series; NaN where nothing was observed.
    public let actuals: [[Double]]
    /// Buckets in a season.
    public let season: Int

    /// Holds back the last `horizon` buckets; series that would have nothing left are left out.
    public init(_ series: [DemandSeries], season: Int, horizon: Int) {
        let long = series.filter { $0.values.count > horizon }
        known = long.map { DemandSeries(key: $0.key, start: $0.start, values: Array($0.values.dropLast(horizon))) }
        actuals = long.map { Array($0.values.suffix(horizon)) }
        self.season = season
    }

    /// How many values are known, over all series.
    public var observations: Int { known.reduce(0) { $0 + $1.values.count } }

    /// Scores of one forecast of all series.
    public struct Scores: Sendable, Hashable {
        /// Mean over series of the mean absolute error over the mean absolute difference at the lag of a season (of one
        /// bucket, where a season is longer than the series) within what is known; series where that is 0 are left out.
        public var mase: Double?
        /// Mean over points of 200·|y − f| / (|y| + |f|), a point with both 0 counting 0.
        public var smape: Double?
        /// Sum of |y − f| over sum of |y|.
        public var wape: Double?
        /// Sum of f − y over sum of |y|.
        public var bias: Double?
        /// Share of points inside the central 80 % interval; `nil` without intervals.
        public var coverage80: Double?
        /// Share of points inside the central 95 % interval; `nil` without intervals.
        public var coverage95: Double?
    }

    /// Scores means, and quantiles at 0.025, 0.1, 0.9 and 0.975 (row-major, step × level) where there are any.
    ///
    /// - Parameters:
    ///   - means: per series, as many values as are held back.
    ///   - quantiles: per series, or `nil`.
    public func scores(means: [[Double]], quantiles: [[Double]]?) -> Scores {
        precondition(means.count == known.count, "a forecast for each series")
        var scaled = (sum: 0.0, count: 0)
        var points = 0
        var (symmetric, absolute, signed, size) = (0.0, 0.0, 0.0, 0.0)
        var (inside80, inside95) = (0, 0)
        for index in known.indices {
            var error = 0.0
            var count = 0
            for (step, actual) in actuals[index].enumerated() where actual.isFinite {
                let mean = means[index][step]
                error += (actual - mean).magnitude
                count += 1
                let both = actual.magnitude + mean.magnitude
                symmetric += both > 0 ? 200 * (actual - mean).magnitude / both : 0
                signed += mean - actual
                size += actual.magnitude
                guard let quantiles else { continue }
                let row = quantiles[index][(4 * step)..<(4 * step + 4)]
                let first = row.startIndex
                if actual >= row[first + 1] && actual <= row[first + 2] { inside80 += 1 }
                if actual >= row[first] && actual <= row[first + 3] { inside95 += 1 }
            }
            points += count
            absolute += error
            if count > 0, let scale = scale(known[index].values) {
                scaled.sum += error / Double(count) / scale
                scaled.count += 1
            }
        }
        func share(_ sum: Double, of whole: Double) -> Double? { whole > 0 ? sum / whole : nil }
        let number = Double(points)
        return Scores(
            mase: share(scaled.sum, of: Double(scaled.count)), smape: share(symmetric, of: number),
            wape: share(absolute, of: size), bias: share(signed, of: size),
            coverage80: quantiles == nil ? nil : share(Double(inside80), of: number),
            coverage95: quantiles == nil ? nil : share(Double(inside95), of: number))
    }

    private func scale(_ values: [Double]) -> Double? {
        func difference(_ lag: Int) -> Double? {
            var sum = 0.0
            var count = 0
            for time in stride(from: lag, to: values.count, by: 1) {
                let change = (values[time] - values[time - lag]).magnitude
                guard change.isFinite else { continue }
                sum += change
                count += 1
            }
            return sum > 0 ? sum / Double(count) : nil
        }
        return (values.count > season ? difference(season) : nil) ?? difference(1)
    }
}
