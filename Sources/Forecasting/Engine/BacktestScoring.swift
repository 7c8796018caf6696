/// Scores a chosen model's backtest beside the seasonal naive's.
struct BacktestScoring {
    private let assembly: ForecastAssembly

    init(_ assembly: ForecastAssembly) {
        self.assembly = assembly
    }

    /// The result in the unit of demand; `nil` without a backtest or without a scored point.
    func result() -> BacktestResult? {
        let history = assembly.history
        guard let plan = assembly.contest.plan, let table = assembly.contest.table else { return nil }
        let scale = Contest.scale(history, count: plan.first)
        let naive: any FittedModel = history.season > 1 ? SeasonalNaiveModel() : NaiveModel()
        let reference = BacktestTable(
            naive, history: history, plan: plan, nonNegative: assembly.configuration.nonNegative)
        let model = summary(table, plan: plan, scale: scale)
        guard model.count > 0 else { return nil }
        let modelErrors = table.errors(history, plan: plan)
        let referenceErrors = reference.errors(history, plan: plan)
        var folds: [BacktestFold] = []
        for (row, origin) in plan.origins.enumerated() {
            let range = (row * plan.horizon)..<((row + 1) * plan.horizon)
            let scored = modelErrors[range].count { $0 == $0 }
            guard scored > 0 else { continue }
            folds.append(
                BacktestFold(
                    known: origin, steps: scored, modelError: meanSize(modelErrors[range]) / scale.absolute,
                    seasonalNaiveError: meanSize(referenceErrors[range]) / scale.absolute))
        }
        var stepErrors: [Double] = []
        for step in 0..<plan.horizon {
            let column = plan.origins.indices.map { modelErrors[$0 * plan.horizon + step] }
            guard column.contains(where: { $0 == $0 }) else { break }
            stepErrors.append(meanSize(column[...]) / scale.absolute)
        }
        return BacktestResult(
            model: model, seasonalNaive: summary(reference, plan: plan, scale: scale),
            candidates: assembly.contest.losses, folds: folds, stepErrors: stepErrors)
    }

    private func meanSize(_ errors: ArraySlice<Double>) -> Double {
        var sum = 0.0
        var number = 0.0
        for error in errors where error == error {
            sum += error.magnitude
            number += 1
        }
        return number > 0 ? sum / number : 0
    }

    private func summary(
        _ table: BacktestTable, plan: BacktestPlan, scale: (absolute: Double, squared: Double)
    ) -> ErrorSummary {
        let history = assembly.history
        let levels = assembly.configuration.quantileLevels
        let errors = table.errors(history, plan: plan)
        var summary = ErrorSummary(
            count: 0, absoluteError: 0, absoluteActual: 0, signedError: 0, mase: 0, rmsse: 0, pinball: 0,
            coverage80: 0, coverage95: 0)
        var squared = 0.0
        for (row, origin) in plan.origins.enumerated() {
            // The fold's own errors do not calibrate its quantiles.
            var others = errors
            for step in 0..<plan.horizon { others[row * plan.horizon + step] = .nan }
            let distribution = ErrorDistribution(errors: others, horizon: plan.horizon, fallback: scale.squared)
            for step in 0..<min(plan.horizon, history.count - origin) {
                let error = errors[row * plan.horizon + step]
                guard error == error else { continue }
                summary.count += 1
                summary.absoluteError += error.magnitude
                summary.absoluteActual += history.values[origin + step].magnitude
                summary.signedError -= error
                squared += error * error
                func bound(_ level: Double) -> Double {
                    let value = distribution.quantile(level, step: step)
                    let mean = table.forecasts[row * plan.horizon + step]
                    return assembly.configuration.nonNegative ? max(value, -mean) : value
                }
                for level in levels {
                    let excess = error - bound(level)
                    summary.pinball += max(level * excess, (level - 1) * excess) / Double(levels.count)
                }
                if error >= bound(0.1) && error <= bound(0.9) { summary.coverage80 += 1 }
                if error >= bound(0.025) && error <= bound(0.975) { summary.coverage95 += 1 }
            }
        }
        guard summary.count > 0 else { return summary }
        let number = Double(summary.count)
        summary.mase = summary.absoluteError / number / scale.absolute
        summary.rmsse = (squared / number).squareRoot() / scale.squared
        summary.coverage80 /= number
        summary.coverage95 /= number
        summary.absoluteError *= history.scale
        summary.absoluteActual *= history.scale
        summary.signedError *= history.scale
        summary.pinball *= history.scale
        return summary
    }
}
