/// Lags and rolling means of a series, plain or differenced, as regressors.
struct LagFeatures: Sendable, Hashable {
    /// The lags, ascending.
    let lags: [Int]
    /// Lengths of the rolling means that end one step back.
    let windows: [Int]
    /// The lag of the difference taken first; 0 for none.
    let difference: Int

    /// The lags a season suggests: all of a short one; the nearest and those around a full cycle of a long one.
    ///
    /// - Returns: `nil` where `count` values leave too few rows to learn that many from.
    init?(season: Int, difference: Int, count: Int) {
        var lags: [Int]
        if season == 1 {
            lags = Array(1...max(1, min(6, count / 8)))
        } else if season <= 26 {
            lags = Array(1...season)
        } else {
            lags = Array(1...13) + [season - 1, season, season + 1]
        }
        var windows = season > 1 ? [season] : []
        if season > 4 || season == 1 { windows.insert(3, at: 0) }
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

    /// The first time all regressors exist.
    var reach: Int { max(lags[lags.count - 1], windows.max() ?? 1) + difference }

    /// Writes the regressors of time `time` to `row[offset...]`; `values` must reach to `time − 1`.
    func write(_ values: [Double], _ time: Int, into row: inout [Double], at offset: Int) {
        var next = offset
        for lag in lags {
            row[next] = change(values, time - lag)
            next += 1
        }
        for window in windows {
            var sum = 0.0
            for back in 1...window { sum += change(values, time - back) }
            row[next] = sum / Double(window)
            next += 1
        }
    }

    /// The difference at a time, or the value itself.
    func change(_ values: [Double], _ time: Int) -> Double {
        difference > 0 ? values[time] - values[time - difference] : values[time]
    }
}
