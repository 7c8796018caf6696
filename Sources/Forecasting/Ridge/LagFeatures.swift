/// Lags and rolling means of a series, plain or differenced, as regressors.
struct LagFeatures: Sendable, Codable, Hashable {
    /// The lags, ascending.
    let lags: [Int]
    /// Lengths of the rolling means that end one step back.
    let windows: [Int]
    /// The lag of the difference taken first; 0 for none.
    let difference: Int

    /// The lags a season suggests: all of a short one; the nearest and those around a full cycle of a long one; those
    /// around a week of hours besides, where three weeks are known.
    ///
    /// - Parameter hasMeans: whether rolling means stand beside the lags: they are sums of lags, so that what they add is
    ///   that a level is cheap for the penalty; of use to one short series, of none to many together.
    /// - Returns: `nil` where `count` values leave too few rows to learn that many from.
    init?(season: Int, difference: Int, count: Int, hasMeans: Bool = true) {
        var lags: [Int]
        if season == 1 {
            lags = Array(1...max(1, min(6, count / 8)))
        } else if season <= 26 {
            lags = Array(1...season)
            if season == 24 && count >= 24 * 21 { lags += [48, 72, 144, 167, 168, 169] }
        } else {
            lags = Array(1...13) + [season - 1, season, season + 1]
        }
        var windows = hasMeans && season > 1 ? [season] : []
        if hasMeans && (season > 4 || season == 1) { windows.insert(3, at: 0) }
        let reach = max(lags[lags.count - 1], windows.max() ?? 1) + difference
        let rows = count - reach
        if rows < max(8, lags.count / 2 + 4) {
            guard season == 1 || rows >= 8 else { return nil }
            guard rows >= 6 else { return nil }
            lags = lags.filter { $0 <= 3 || $0 == season }
            windows = []
        }
        self.lags = lags
        self.windows = windows
        self.difference = difference
    }

    /// How many regressors.
    var count: Int { lags.count + windows.count }

    /// How far back the regressors look.
    var reach: Int { max(lags[lags.count - 1], windows.max() ?? 1) }

    /// The first time all regressors exist.
    var firstTime: Int { reach + difference }

    /// `(yₜ − y₍ₜ₋d₎)/unit`, or `(yₜ − centre)/unit` without a difference, at the times −`padding` to `count` − 1; before
    /// the first value the first value stands.
    func changes(_ values: [Double], count: Int, padding: Int = 0, centre: Double, unit: Double) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(count + padding)
        let scale = 1 / unit
        for time in -padding..<count {
            let value = values[max(time, 0)]
            result.append((difference > 0 ? value - values[max(time - difference, 0)] : value - centre) * scale)
        }
        return result
    }

    /// Writes the regressors of time `time` to `table[offset...]`.
    ///
    /// - Parameters:
    ///   - changes: the values lags refer to, from time 0.
    ///   - totals: their running sums; entry t is the sum of the first t.
    func write(_ changes: [Double], _ totals: [Double], _ time: Int, into table: inout [Double], at offset: Int) {
        precondition(offset + count <= table.count && time <= changes.count && time >= reach)
        unsafe table.withUnsafeMutableBufferPointer { table in
            unsafe changes.withUnsafeBufferPointer { changes in
                for (index, lag) in lags.enumerated() { unsafe table[offset + index] = changes[time - lag] }
            }
        }
        for (index, window) in windows.enumerated() {
            table[offset + lags.count + index] = (totals[time] - totals[time - window]) / Double(window)
        }
    }

    /// The weight of each of the last `reach` values, oldest first, that regressors with these coefficients come down to.
    func weights(_ coefficients: [Double]) -> [Double] {
        let reach = reach
        var weights = [Double](repeating: 0, count: reach)
        for (index, lag) in lags.enumerated() { weights[reach - lag] += coefficients[index] }
        for (index, window) in windows.enumerated() {
            let share = coefficients[lags.count + index] / Double(window)
            for lag in 1...window { weights[reach - lag] += share }
        }
        return weights
    }
}
