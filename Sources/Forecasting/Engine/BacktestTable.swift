/// The forecasts of one model from all origins of a plan.
struct BacktestTable: Sendable {
    /// Means, row-major, origin × step, finite.
    var forecasts: [Double]

    /// Forecasts of a fitted model, held to finite and, where asked, non-negative numbers; 0 where the first origin knows a
    /// bucket of the cycle to be closed.
    init(_ model: any FittedModel, history: History, plan: BacktestPlan, nonNegative: Bool) {
        let closed = ClosedBuckets(history, count: plan.first)
        forecasts =
            closed.isEmpty
            ? model.rollingForecasts(history, origins: plan.origins, horizon: plan.horizon)
            : BacktestTable.openForecasts(model, history: history, plan: plan, closed: closed)
        for row in plan.origins.indices {
            let last = history.filled[plan.origins[row] - 1]
            for index in (row * plan.horizon)..<((row + 1) * plan.horizon) {
                // Values lie in [-1, 1]: what leaves this range has run away and stands for no forecast.
                if !(forecasts[index].magnitude < 1e12) { forecasts[index] = last }
                if nonNegative && forecasts[index] < 0 { forecasts[index] = 0 }
            }
        }
    }

    /// Forecasts that are 0 in closed buckets and larger in the others instead.
    private static func openForecasts(
        _ model: any FittedModel, history: History, plan: BacktestPlan, closed: ClosedBuckets
    ) -> [Double] {
        let width = max(plan.horizon, history.season)
        let wide = model.rollingForecasts(history, origins: plan.origins, horizon: width)
        var result: [Double] = []
        result.reserveCapacity(plan.points)
        for (row, origin) in plan.origins.enumerated() {
            let growth = closed.openGrowth(wide[(row * width)..<((row + 1) * width)], from: origin)
            for step in 0..<plan.horizon {
                result.append(closed.contains(origin + step) ? 0 : growth * wide[row * width + step])
            }
        }
        return result
    }

    /// A weighted average of tables of one plan; the weights add up to 1.
    init(averaging tables: [BacktestTable], weights: [Double]) {
        forecasts = [Double](repeating: 0, count: tables[0].forecasts.count)
        for (table, weight) in zip(tables, weights) {
            for index in forecasts.indices { forecasts[index] += weight * table.forecasts[index] }
        }
    }

    /// The same forecasts with the effects of holidays and events put back, as far as each origin knows of them.
    func withEffects(of history: History, plan: BacktestPlan) -> BacktestTable {
        guard let effects = history.effects else { return self }
        var result = self
        for (row, origin) in plan.origins.enumerated() {
            let factors = effects.factors(origin..<(origin + plan.horizon), knownOn: history.lastDay(of: origin - 1))
            for step in 0..<plan.horizon { result.forecasts[row * plan.horizon + step] *= factors[step] }
        }
        return result
    }

    /// Actual − forecast, row-major, origin × step; NaN where there is no observation to score before `end`, or before the
    /// end of the history.
    func errors(_ history: History, plan: BacktestPlan, before end: Int? = nil) -> [Double] {
        let end = min(end ?? history.count, history.count)
        var errors = [Double](repeating: .nan, count: forecasts.count)
        for (row, origin) in plan.origins.enumerated() {
            for step in 0..<max(0, min(plan.horizon, end - origin)) {
                errors[row * plan.horizon + step] =
                    history.values[origin + step] - forecasts[row * plan.horizon + step]
            }
        }
        return errors
    }

    /// The expected scaled loss: half the mean absolute, half the root mean squared error, each over its scale.
    ///
    /// For slow demand the squared part decides alone: the absolute error of many zeros is least for a forecast of zero.
    func loss(_ history: History, plan: BacktestPlan, scale: (absolute: Double, squared: Double)) -> Double {
        var absolute = 0.0
        var squared = 0.0
        var number = 0.0
        for error in errors(history, plan: plan) where error == error {
            absolute += error.magnitude
            squared += error * error
            number += 1
        }
        guard number > 0 else { return .infinity }
        let root = (squared / number).squareRoot() / scale.squared
        return history.demandClass.isSlow ? root : 0.5 * absolute / number / scale.absolute + 0.5 * root
    }
}
