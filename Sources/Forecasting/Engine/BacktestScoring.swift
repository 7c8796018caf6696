/// Scores a chosen model's backtest beside the seasonal naive's.
struct BacktestScoring {
    private let assembly: ForecastAssembly

    private let whole: Double?

    /// - Parameter whole: what 1 is in the unit of the history, where quantiles are to be whole numbers.
    init(_ assembly: ForecastAssembly, whole: Double?) {
        self.assembly = assembly
        self.whole = whole
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
        let model = summary(
            table, history: tested, plan: plan, scale: scale,
            demandShare: assembly.knowledge.demandShare)
        guard model.count > 0 else { return nil }
        let modelErrors = table.withEffects(of: tested, plan: plan).errors(actual, plan: plan)
        let referenceErrors = reference.errors(actual, plan: plan)
        var folds: [BacktestFold] = []
        for (row, origin) in plan.origins.enumerated() {
            let places = stride(from: row * plan.horizon, to: (row + 1) * plan.horizon, by: 1)
            guard let size = meanSize(modelErrors, at: places) else { continue }
            var scored = 0
            for place in places where modelErrors[place] == modelErrors[place] { scored += 1 }
            folds.append(
                BacktestFold(
                    known: origin, steps: scored, modelError: size / scale.absolute,
                    seasonalNaiveError: (meanSize(referenceErrors, at: places) ?? 0) / scale.absolute,
                    absoluteError: actual.scale * Double(scored) * size,
                    errors: places.prefix(max(0, actual.count - origin)).map {
                        modelErrors[$0] == modelErrors[$0] ? actual.scale * modelErrors[$0] : 0
                    }))
        }
        var stepErrors: [Double] = []
        stepErrors.reserveCapacity(plan.horizon)
        for step in 0..<plan.horizon {
            let column = stride(from: step, to: modelErrors.count, by: plan.horizon)
            guard let size = meanSize(modelErrors, at: column) else { break }
            stepErrors.append(size / scale.absolute)
        }
        return BacktestResult(
            model: model,
            seasonalNaive: summary(reference, history: actual, plan: plan, scale: scale, demandShare: 0),
            candidates: assembly.contest.losses, folds: folds, stepErrors: stepErrors,
            incumbent: assembly.contest.incumbent.map { incumbent in
                IncumbentBacktest(
                    incumbent.withEffects(of: tested, plan: plan).errors(actual, plan: plan), horizon: plan.horizon,
                    unit: actual.scale)
            })
    }

    /// The mean size of the errors at some places; `nil` where none is scored.
    private func meanSize(_ errors: [Double], at places: StrideTo<Int>) -> Double? {
        var sum = 0.0
        var number = 0.0
        for place in places where errors[place] == errors[place] {
            sum += errors[place].magnitude
            number += 1
        }
        return number > 0 ? sum / number : nil
    }

    /// Scores a table. The band of a fold is as wide as the other folds tell; past demand is what came before it.
    private func summary(
        _ table: BacktestTable, history: History, plan: BacktestPlan, scale: (absolute: Double, squared: Double),
        demandShare: Double
    ) -> ErrorSummary {
        let horizon = plan.horizon
        var accumulator = ErrorAccumulator(levels: assembly.configuration.quantileLevels)
        let width = accumulator.levels.count
        let errors = width == 0 ? [] : table.errors(history, plan: plan)
        let naive = width == 0 ? [] : ErrorSpread.naive(history, count: plan.first, horizon: horizon)
        let closed = width == 0 ? ClosedBuckets() : ClosedBuckets(history, count: plan.first)
        // The accumulator's levels do not ascend; a band's do.
        let order = accumulator.levels.indices.sorted { accumulator.levels[$0] < accumulator.levels[$1] }
        let ascending = order.map { accumulator.levels[$0] }
        var quantiles = [Double](repeating: 0, count: horizon * width)
        for (row, origin) in plan.origins.enumerated() {
            if width > 0 {
                var others = errors
                for step in 0..<horizon { others[row * horizon + step] = .nan }
                let spreads = ErrorSpread.spreads(
                    errors: others, horizon: horizon, naive: naive, span: history.count - plan.first,
                    count: plan.first)
                let band = QuantileBand(
                    levels: ascending, errors: ErrorDistribution(spreads: spreads, shape: assembly.knowledge.shape),
                    demand: demandShare > 0 ? DemandDistribution(history, count: origin) : nil,
                    demandShare: demandShare, nonNegative: assembly.configuration.nonNegative, whole: whole)
                var sorted = band.quantiles(around: table.forecasts[(row * horizon)..<((row + 1) * horizon)])
                closed.close(&sorted, from: origin, width: width)
                for step in 0..<horizon {
                    for (place, column) in order.enumerated() {
                        quantiles[step * width + column] = sorted[step * width + place]
                    }
                }
            }
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

extension IncumbentBacktest {
    /// Adds up errors, actual − forecast, row-major, origin × step, NaN where nothing is scored.
    fileprivate init(_ table: [Double], horizon: Int, unit: Double) {
        self.init(errors: [], signedError: 0)
        for start in stride(from: 0, to: table.count, by: horizon) {
            let scored = table[start..<(start + horizon)].filter { $0 == $0 }
            if scored.isEmpty { continue }
            errors.append(unit * scored.reduce(0) { $0 + $1.magnitude })
            signedError -= unit * scored.reduce(0, +)
        }
    }
}
