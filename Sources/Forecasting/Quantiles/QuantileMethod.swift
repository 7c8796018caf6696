/// Which way of making quantiles a series gets.
enum QuantileMethod: Sendable, Equatable {
    /// Errors around the mean.
    case errors
    /// Past demand itself; optionally by bucket of the cycle.
    case demand(byPhase: Bool)

    /// Levels at which the ways are compared.
    private static let levels = [0.5, 0.8, 0.9, 0.95]

    /// The way with the least pinball loss on a backtest, each fold judged by what was known before it; errors, where
    /// demand is smooth or there is no backtest.
    static func choose(
        _ history: History, plan: BacktestPlan?, table: BacktestTable?, nonNegative: Bool
    ) -> QuantileMethod {
        guard let plan, let table, history.demandClass != .smooth, history.demandClass != .none else { return .errors }
        let errors = table.errors(history, plan: plan)
        var methods: [QuantileMethod] = [.errors, .demand(byPhase: false)]
        if history.season > 1 && history.count >= 6 * history.season { methods.append(.demand(byPhase: true)) }
        var best = (method: QuantileMethod.errors, loss: Double.infinity)
        for method in methods {
            var loss = 0.0
            for row in plan.origins.indices {
                let quantiles = method.quantiles(
                    levels, history: history, plan: plan, table: table, errors: errors, row: row,
                    nonNegative: nonNegative)
                for step in 0..<plan.horizon where errors[row * plan.horizon + step].isFinite {
                    let actual = history.values[plan.origins[row] + step]
                    for (column, level) in levels.enumerated() {
                        let excess = actual - quantiles[step * levels.count + column]
                        loss += max(level * excess, (level - 1) * excess)
                    }
                }
            }
            if loss < best.loss { best = (method, loss) }
        }
        return best.method
    }

    /// Quantiles of one fold of a backtest, row-major, step × level, from what the other folds (for errors) or the buckets
    /// before it (for demand) tell.
    func quantiles(
        _ levels: [Double], history: History, plan: BacktestPlan, table: BacktestTable, errors: [Double], row: Int,
        nonNegative: Bool
    ) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(plan.horizon * levels.count)
        switch self {
        case .errors:
            var others = errors
            for step in 0..<plan.horizon { others[row * plan.horizon + step] = .nan }
            let distribution = ErrorDistribution(
                errors: others, horizon: plan.horizon, fallback: Contest.scale(history, count: plan.first).squared,
                length: plan.first)
            let scores = levels.map { distribution.score($0) }
            for step in 0..<plan.horizon {
                for score in scores {
                    let value = table.forecasts[row * plan.horizon + step] + score * distribution.spreads[step]
                    result.append(nonNegative ? max(value, 0) : value)
                }
            }
        case .demand(let byPhase):
            let distribution = DemandDistribution(history, count: plan.origins[row], byPhase: byPhase)
            appendCycle(distribution, levels: levels, season: byPhase ? history.season : 1, horizon: plan.horizon) {
                result.append(nonNegative ? max($0, 0) : $0)
            }
        }
        return result
    }

    /// Quantiles after the whole history, row-major, step × level; `mean` and `errors` are in its unit.
    func quantiles(
        _ levels: [Double], history: History, mean: [Double], errors: [Double]
    ) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(mean.count * levels.count)
        switch self {
        case .errors:
            let distribution = ErrorDistribution(
                errors: errors, horizon: mean.count, fallback: Contest.scale(history, count: history.count).squared,
                length: history.count * 3 / 5)
            let scores = levels.map { distribution.score($0) }
            for step in mean.indices {
                for score in scores { result.append(mean[step] + score * distribution.spreads[step]) }
            }
        case .demand(let byPhase):
            let distribution = DemandDistribution(history, count: history.count, byPhase: byPhase)
            appendCycle(distribution, levels: levels, season: byPhase ? history.season : 1, horizon: mean.count) {
                result.append($0)
            }
        }
        return result
    }

    /// Hands over the quantiles of every step, worked out once per bucket of the cycle.
    private func appendCycle(
        _ distribution: DemandDistribution, levels: [Double], season: Int, horizon: Int, append: (Double) -> Void
    ) {
        let cycle = (0..<min(season, horizon)).map { distribution.quantiles(levels, step: $0) }
        for step in 0..<horizon {
            for value in cycle[step % cycle.count] { append(value) }
        }
    }
}
