internal import LinearAlgebra

/// The rows a ridge regression of one series learns from: lags, rolling means and the calendar, and the target.
struct RidgeRows {
    /// Row-major, `columns` regressors a row.
    private(set) var regressors: [Double] = []
    /// One value a row.
    private(set) var target: [Double] = []
    /// How many regressors.
    let columns: Int

    /// How many rows.
    var count: Int { target.count }

    /// The rows of the first `known` values.
    ///
    /// - Parameters:
    ///   - centre: what is subtracted from values that are not differenced.
    ///   - calendar: the regressors the calendar gives, row-major from time 0, `calendarColumns` for each time.
    init(
        _ history: History, known: Int, lags: LagFeatures, centre: Double, calendar: [Double], calendarColumns: Int
    ) {
        columns = lags.count + calendarColumns
        guard known > lags.firstTime else { return }
        let changes = lags.changes(history.filled, count: known, centre: centre, unit: 1)
        let totals = lags.windows.isEmpty ? [] : RidgeRows.runningSums(changes)
        let columns = columns
        regressors = [Double](repeating: 0, count: (known - lags.firstTime) * columns)
        target.reserveCapacity(known - lags.firstTime)
        for time in lags.firstTime..<known where history.values[time] == history.values[time] {
            let start = target.count * columns
            lags.write(changes, totals, time, into: &regressors, at: start)
            for index in 0..<calendarColumns {
                regressors[start + lags.count + index] = calendar[time * calendarColumns + index]
            }
            target.append(changes[time])
        }
    }

    /// The regression whose penalty has the least leave-one-out error; `nil` where values are not finite. The rows are
    /// used up.
    mutating func path() -> RidgePath? {
        try? RidgePath(leaveOneOut: &regressors, target: target, rows: count, columns: columns)
    }

    /// Entry t is the sum of the first t values.
    static func runningSums(_ values: [Double]) -> [Double] {
        var totals = [0.0]
        totals.reserveCapacity(values.count + 1)
        var total = 0.0
        for value in values {
            total += value
            totals.append(total)
        }
        return totals
    }
}
