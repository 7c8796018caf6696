/// Scores a chosen model's backtest beside the seasonal naive's.
struct BacktestScoring {
    private let assembly: ForecastAssembly

    private let method: QuantileMethod

    /// - Parameter method: how the model's quantiles are made; the reference's are always a band around its mean.
    init(_ assembly: ForecastAssembly, method: QuantileMethod) {
        self.assembly = assembly
        self.method = method
    }

    /// The result in the unit of demand; `nil` without a backtest or without a scored point.
    func result() -> BacktestResult? {
        let history = assembly.history
        guard let plan = assembly.contest.plan, let table = assembly.contest.table else { return nil }
        let scale = Contest.scale(history, count: plan.first)
        let naive: any FittedModel = history.season > 1 ? SeasonalNaiveModel() : NaiveModel()
        let reference = BacktestTable(
            naive, history: history, plan: plan, nonNegative: assembly.configuration.nonNegative)
        let model = summary(table, plan: plan, scale: scale, method: method)
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
            model: model, seasonalNaive: summary(reference, plan: plan, scale: scale, method: .errors),
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
        _ table: BacktestTable, plan: BacktestPlan, scale: (absolute: Double, squared: Double), method: QuantileMethod
    ) -> ErrorSummary {
        let history = assembly.history
        var accumulator = ErrorAccumulator(levels: assembly.configuration.quantileLevels)
        let errors = table.errors(history, plan: plan)
        for (row, origin) in plan.origins.enumerated() {
            let quantiles =
                accumulator.levels.isEmpty
                ? []
                : method.quantiles(
                    accumulator.levels, history: history, plan: plan, table: table, errors: errors, row: row,
                    nonNegative: assembly.configuration.nonNegative)
            for step in 0..<min(plan.horizon, history.count - origin) {
                let index = row * plan.horizon + step
                guard errors[index] == errors[index] else { continue }
                accumulator.add(
                    actual: history.values[origin + step], mean: table.forecasts[index], quantiles: quantiles,
                    start: step * accumulator.levels.count)
            }
        }
        return accumulator.summary(scale: scale, unit: history.scale)
    }
}
