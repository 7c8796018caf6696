internal import LinearAlgebra

/// The rows a ridge regression learns from, as one table: lags, time, the calendar, the target, and ones.
struct RidgeRows {
    /// Row-major; `columns` regressors, then the target, then 1.
    private(set) var table: [Double] = []
    /// How many rows.
    private(set) var count = 0
    /// How many regressors.
    let columns: Int

    /// The rows of the first `known` values.
    ///
    /// - Parameters:
    ///   - centre: what is subtracted from values that are not differenced.
    ///   - unit: what values are divided by.
    ///   - features: the calendar; `nil` for none.
    ///   - hasTrend: whether time, as a share of `known`, is a regressor.
    init(
        _ history: History, known: Int, lags: LagFeatures, centre: Double, unit: Double, features: CalendarFeatures?,
        hasTrend: Bool
    ) {
        let extra = features?.count ?? 0
        columns = lags.count + (hasTrend ? 1 : 0) + extra
        guard known > lags.firstTime else { return }
        let changes = lags.changes(history.filled, count: known, centre: centre, unit: unit)
        var totals = [0.0]
        totals.reserveCapacity(known + 1)
        var total = 0.0
        for change in changes {
            total += change
            totals.append(total)
        }
        let width = columns + 2
        table = [Double](repeating: 1, count: (known - lags.firstTime) * width)
        for time in lags.firstTime..<known where history.values[time] == history.values[time] {
            let start = count * width
            lags.write(changes, totals, time, into: &table, at: start)
            var next = start + lags.count
            if hasTrend {
                table[next] = Double(time) / Double(known)
                next += 1
            }
            features?.write(time, into: &table, at: next)
            table[start + columns] = changes[time]
            count += 1
        }
    }

    /// Their normal equations.
    var sums: RegressionSums { RegressionSums(table: table, rows: count, columns: columns) }
}
