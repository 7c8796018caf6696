internal import LinearAlgebra

/// Ridge regressions of a series on its own past, one for each step ahead.
///
/// Step h has coefficients and a penalty of its own: y₍ₜ₊ₕ₋₁₎ = base + αₕ + Σ βₕₗ x₍ₜ₋ₗ₎, so that no forecast builds on
/// another and errors do not add up, at the price of as many coefficients as there are steps ("direct" as against
/// "recursive" forecasts: Taieb and others, "A review and comparison of strategies for multi-step ahead time series
/// forecasting", Expert Systems with Applications 39, 2012). All steps learn from the same rows.
struct DirectRegression: Sendable, Codable, Hashable {
    /// The regressors; `lags.difference` is 0 for a regression of values, 1 for one of what values change by from the
    /// last one known.
    let lags: LagFeatures
    /// How many steps there are regressions for.
    let steps: Int
    /// One weight for each of the last `lags.reach` values or changes, oldest first, step by step.
    let weights: [Double]
    /// What is added, for each step.
    let intercepts: [Double]
    /// The penalty chosen, for each step.
    let penalties: [Double]
    /// The mean over the steps of the least generalised cross-validation.
    let loss: Double
    /// What is subtracted from values that are not differenced.
    let centre: Double

    /// Fits the first `count` values of one series; `nil` where they are too few to see so many steps ahead.
    ///
    /// A row in which one of the steps is not known is left out.
    init?(_ history: History, count: Int, steps: Int, difference: Int, centre: Double) {
        precondition(difference == 0 || difference == 1, "what is forecast are values, or changes from the last one")
        guard let lags = LagFeatures(season: history.season, difference: difference, count: count - steps + 1)
        else { return nil }
        let centre = difference == 0 ? centre : 0
        let changes = lags.changes(history.filled, count: count, centre: centre, unit: 1)
        let totals = lags.windows.isEmpty ? [] : RidgeRows.runningSums(changes)
        let width = lags.count + steps + 1
        var table: [Double] = []
        var rows = 0
        for time in lags.firstTime..<max(lags.firstTime, count - steps + 1)
        where history.values[time..<(time + steps)].allSatisfy({ $0 == $0 }) {
            table.append(contentsOf: repeatElement(1, count: width))
            lags.write(changes, totals, time, into: &table, at: rows * width)
            let base = difference > 0 ? history.filled[time - 1] : centre
            for step in 0..<steps { table[rows * width + lags.count + step] = history.filled[time + step] - base }
            rows += 1
        }
        guard rows >= 8,
            let paths = try? RidgePath.paths(table: table, rows: rows, columns: lags.count, targets: steps)
        else { return nil }
        self.lags = lags
        self.steps = steps
        self.centre = centre
        weights = paths.flatMap { lags.weights($0.coefficients) }
        intercepts = paths.map(\.intercept)
        penalties = paths.map(\.penalty)
        loss = paths.reduce(0) { $0 + $1.losses[$1.chosen] } / Double(steps)
    }

    /// Adds the forecast of steps 1…`horizon` after the first `origin` values, taken apart, each part `share` times.
    ///
    /// Beyond the steps there are regressions for, forecasts stand for what is known, and the steps begin anew.
    func addParts(
        _ values: [Double], origin: Int, horizon: Int, range: ClosedRange<Double>, share: Double,
        to result: inout RidgeParts
    ) {
        let reach = lags.reach
        var recent = Array(
            lags.changes(values, count: origin, padding: reach, centre: centre, unit: 1).suffix(reach))
        var last = values[origin - 1]
        var past = [Double](repeating: 0, count: steps)
        for start in stride(from: 0, to: horizon, by: steps) {
            Products.multiply(weights, rows: steps, columns: reach, by: recent, into: &past)
            let base = lags.difference > 0 ? last : centre
            for step in 0..<min(steps, horizon - start) {
                let sum = base + intercepts[step] + past[step]
                let mean = sum > range.lowerBound ? min(sum, range.upperBound) : range.lowerBound
                result.level[start + step] += share * (base + intercepts[step])
                result.lags[start + step] += share * past[step]
                result.adjustment[start + step] += share * (mean - sum)
                result.isAdjusted = result.isAdjusted || mean != sum
                recent.append(mean - (lags.difference > 0 ? last : centre))
                last = mean
            }
            recent.removeFirst(recent.count - reach)
        }
    }
}
