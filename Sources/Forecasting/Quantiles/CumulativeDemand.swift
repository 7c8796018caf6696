/// Sums over steps 1…k: what a lead time of k buckets uses up.
///
/// Errors of neighbouring steps go together, since a wrong level is wrong at every step: the spread of a sum is measured
/// on sums of errors along a path, not worked out from the steps' as if they were independent.
enum CumulativeDemand {
    /// Sums of steps 1…k of each row; NaN from the first NaN on.
    ///
    /// - Parameter rows: row-major, origin × step.
    static func sums(_ rows: [Double], horizon: Int) -> [Double] {
        var result = rows
        for start in stride(from: 0, to: rows.count, by: horizon) {
            for index in (start + 1)..<max(start + horizon, start + 1) { result[index] += result[index - 1] }
        }
        return result
    }

    /// The root mean square of the seasonal naive forecast's summed errors over the first `count` values, made
    /// non-decreasing; empty where not one sum can be scored.
    static func naiveSpread(_ history: History, count: Int, horizon: Int) -> [Double] {
        let season = history.season
        var sums = [Double](repeating: 0, count: horizon)
        var counts = sums
        for origin in season..<max(season, count) {
            var sum = 0.0
            for step in 0..<min(horizon, count - origin) {
                sum += history.values[origin + step] - history.values[origin - season + step % season]
                guard sum == sum else { break }
                sums[step] += sum * sum
                counts[step] += 1
            }
        }
        return ErrorSpread.nonDecreasing(sums: sums, counts: counts)
    }

    /// Sums of `length` consecutive values among the first `count`, by where they start; NaN where one is missing.
    static func windows(_ history: History, count: Int, length: Int) -> [Double] {
        guard count >= length else { return [] }
        var result: [Double] = []
        result.reserveCapacity(count - length + 1)
        for start in 0...(count - length) {
            var sum = 0.0
            for time in start..<(start + length) { sum += history.values[time] }
            result.append(sum)
        }
        return result
    }
}
