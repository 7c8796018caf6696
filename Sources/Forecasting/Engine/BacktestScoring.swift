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
        guard let plan = assembly.contest.plan, let table = assembly.contest.table else { return nil }
        let tested = assembly.contest.tested
        // The reference knows of no effect, and what happened is what both are measured by.
        let actual = tested.without(nil)
        let scale = Contest.scale(actual, count: plan.first)
        let naive: any FittedModel = actual.season > 1 ? SeasonalNaiveModel() : NaiveModel()
        let reference = BacktestTable(
            naive, history: actual, plan: plan, nonNegative: assembly.configuration.nonNegative)
        let model = summary(table, history: tested, plan: plan, scale: scale, method: method)
        guard model.count > 0 else { return nil }
        let modelErrors = table.withEffects(of: tested, plan: plan).errors(actual, plan: plan)
        let referenceErrors = reference.errors(actual, plan: plan)
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
            model: model,
            seasonalNaive: summary(reference, history: actual, plan: plan, scale: scale, method: .errors),
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
        _ table: BacktestTable, history: History, plan: BacktestPlan, scale: (absolute: Double, squared: Double),
        method: QuantileMethod
    ) -> ErrorSummary {
        var accumulator = ErrorAccumulator(levels: assembly.configuration.quantileLevels)
        let errors = table.errors(history, plan: plan)
        for (row, origin) in plan.origins.enumerated() {
            var quantiles =
                accumulator.levels.isEmpty
                ? []
                : method.quantiles(
                    accumulator.levels, history: history, plan: plan, table: table, errors: errors, row: row,
                    nonNegative: assembly.configuration.nonNegative)
            let factors = history.effects?.factors(
                origin..<(origin + plan.horizon), knownOn: history.lastDay(of: origin - 1))
            for step in 0..<min(plan.horizon, history.count - origin) {
                let actual = history.actual[origin + step]
                guard actual == actual else { continue }
                let factor = factors?[step] ?? 1
                let start = step * accumulator.levels.count
                if factor != 1 {
                    for index in quantiles.indices.dropFirst(start).prefix(accumulator.levels.count) {
                        quantiles[index] *= factor
                    }
                }
                accumulator.add(
                    actual: actual, mean: factor * table.forecasts[row * plan.horizon + step], quantiles: quantiles,
                    start: start)
            }
        }
        return accumulator.summary(scale: scale, unit: history.scale)
    }
}
