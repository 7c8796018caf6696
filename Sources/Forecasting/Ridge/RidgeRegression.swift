internal import LinearAlgebra

/// One ridge regression of a series, or of its differences, on its own past and the calendar.
///
/// As every lag and rolling mean is a sum of past values, one weight for each of those is all a forecast needs.
struct RidgeRegression: Sendable, Codable, Hashable {
    /// The regressors; `lags.difference` is 0 for a regression of values, else the lag of the changes regressed.
    let lags: LagFeatures
    /// One weight for each of the last `lags.reach` values, oldest first.
    let weights: [Double]
    /// One coefficient for each regressor of the calendar.
    let calendarCoefficients: [Double]
    /// What is added in every bucket.
    let intercept: Double
    /// The penalty chosen.
    let penalty: Double
    /// The mean squared leave-one-out error, 1 where coefficients are shared.
    let loss: Double
    /// The values coefficients refer to are (value − centre)/unit, or changes over unit.
    let centre: Double
    /// See `centre`.
    let unit: Double

    /// Fits the first `count` values of one series; `nil` where they are too few.
    init?(
        _ history: History, count: Int, difference: Int, centre: Double, calendar: [Double], calendarColumns: Int
    ) {
        guard let lags = LagFeatures(season: history.season, difference: difference, count: count) else { return nil }
        let centre = difference == 0 ? centre : 0
        var rows = RidgeRows(
            history, known: count, lags: lags, centre: centre, calendar: calendar, calendarColumns: calendarColumns)
        guard rows.count >= 6, let path = rows.path() else { return nil }
        self.lags = lags
        weights = lags.weights(path.coefficients)
        calendarCoefficients = Array(path.coefficients.suffix(calendarColumns))
        intercept = path.intercept
        penalty = path.penalty
        loss = path.losses[path.chosen]
        self.centre = centre
        unit = 1
    }

    /// Takes coefficients shared by all series of a batch, for one of this centre and unit.
    init(_ shared: RidgePool.Coefficients, centre: Double, unit: Double) {
        lags = shared.lags
        weights = shared.lags.weights(shared.coefficients)
        calendarCoefficients = []
        intercept = shared.intercept
        penalty = shared.penalty
        loss = 1
        self.centre = shared.lags.difference == 0 ? centre : 0
        self.unit = unit
    }

    /// Adds `share` times the forecasts of steps 1…`horizon` from each origin to `result`, row-major, origin × step.
    ///
    /// Eight origins are run abreast. Every forecast is held to `range` before the next step builds on it.
    ///
    /// - Parameter given: what the calendar adds at each time from the first origin on; empty for nothing.
    func addForecasts(
        _ history: History, origins: [Int], horizon: Int, given: [Double], range: ClosedRange<Double>, share: Double,
        to result: inout [Double]
    ) {
        guard let first = origins.first, let last = origins.last else { return }
        let reach = lags.reach
        let known = lags.changes(history.filled, count: last, padding: reach, centre: centre, unit: unit)
        let recent = LaneBuffer(count: reach + horizon)
        let terms = weights.indices.filter { weights[$0] != 0 }
        let difference = lags.difference
        // The values the first steps are changes from, then the forecasts themselves.
        let bases = LaneBuffer(count: difference + horizon)
        let low = Lanes(repeating: range.lowerBound)
        let high = Lanes(repeating: range.upperBound)
        for start in stride(from: 0, to: origins.count, by: Lanes.width) {
            var lanes: [Int] = []
            for lane in 0..<Lanes.width {
                let origin = origins[min(start + lane, origins.count - 1)]
                lanes.append(origin)
                for index in 0..<difference {
                    bases[index, lane] = history.filled[max(origin - difference + index, 0)]
                }
                for index in 0..<reach { recent[index, lane] = known[origin + index] }
            }
            for step in 0..<horizon {
                var change = Lanes(repeating: intercept)
                if !given.isEmpty {
                    for lane in 0..<Lanes.width { change[lane] += given[lanes[lane] + step - first] }
                }
                for term in terms { change.addProduct(Lanes(repeating: weights[term]), recent[step + term]) }
                let base = difference > 0 ? bases[step] : Lanes(repeating: centre)
                var mean = base + change * unit
                // NaN is below no bound.
                mean.replace(with: low, where: .!(mean .> low))
                mean.replace(with: high, where: mean .> high)
                recent[reach + step] = (mean - base) * (1 / unit)
                if difference > 0 { bases[difference + step] = mean }
                for lane in 0..<min(Lanes.width, origins.count - start) {
                    result[(start + lane) * horizon + step] += share * mean[lane]
                }
            }
        }
    }

    /// The forecast of steps 1…`horizon` from the end of the history, taken apart, each part `share` times.
    ///
    /// - Parameter calendar: the regressors of the calendar for those steps, row-major.
    func addParts(
        _ history: History, horizon: Int, calendar: [Double], calendarColumns: Int,
        range: ClosedRange<Double>, share: Double, to result: inout RidgeParts
    ) {
        let reach = lags.reach
        var recent = Array(
            lags.changes(history.filled, count: history.count, padding: reach, centre: centre, unit: unit)
                .suffix(reach))
        let difference = lags.difference
        var bases = (0..<difference).map { history.filled[max(history.count - difference + $0, 0)] }
        for step in 0..<horizon {
            let base = difference > 0 ? bases[step] : centre
            var past = 0.0
            for index in 0..<reach { past += weights[index] * recent[step + index] }
            var given = 0.0
            for index in 0..<calendarColumns {
                given += calendarCoefficients[index] * calendar[step * calendarColumns + index]
            }
            let sum = base + (intercept + past + given) * unit
            let mean = sum > range.lowerBound ? min(sum, range.upperBound) : range.lowerBound
            result.level[step] += share * (base + intercept * unit)
            result.lags[step] += share * past * unit
            result.calendar[step] += share * given * unit
            result.adjustment[step] += share * (mean - sum)
            result.isAdjusted = result.isAdjusted || mean != sum
            recent.append((mean - base) / unit)
            bases.append(mean)
        }
    }
}

/// The components of a ridge forecast, a value per step each.
struct RidgeParts {
    var level: [Double]
    var lags: [Double]
    var calendar: [Double]
    /// What holding forecasts to their range adds.
    var adjustment: [Double]
    var isAdjusted = false

    /// Zeros.
    init(horizon: Int) {
        level = [Double](repeating: 0, count: horizon)
        lags = level
        calendar = level
        adjustment = level
    }
}
