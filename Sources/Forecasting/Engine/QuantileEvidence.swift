/// What the backtest of one series tells about the quantiles of its class.
struct QuantileEvidence: Sendable {
    /// Errors of each step.
    let shape: ErrorShape.Evidence
    /// Errors of sums over steps; `nil` unless they were asked for.
    let cumulativeShape: ErrorShape.Evidence?
    /// The backtest itself, by which bands and past demand are compared; `nil` where demand is smooth.
    let trial: DemandTrial?

    /// Looks at a model that was fitted before the first origin of a plan, and at its forecasts on the plan.
    init(
        _ history: History, model: any FittedModel, plan: BacktestPlan, table: BacktestTable,
        configuration: ForecastConfiguration
    ) {
        let fitted = FittedErrors(
            history, model: model, count: plan.first, horizon: plan.horizon, nonNegative: configuration.nonNegative)
        let errors = table.errors(history, plan: plan)
        let naive = ErrorSpread.naive(history, count: plan.first, horizon: plan.horizon)
        shape = QuantileEvidence.evidence(errors, fitted: fitted, naive: naive)
        cumulativeShape =
            configuration.cumulative
            ? QuantileEvidence.evidence(
                CumulativeDemand.sums(errors, horizon: plan.horizon), fitted: fitted.cumulated,
                naive: CumulativeDemand.naiveSpread(history, count: plan.first, horizon: plan.horizon)) : nil
        trial =
            history.demandClass == .smooth
            ? nil
            : DemandTrial(
                history, plan: plan, forecasts: table.forecasts, errors: errors, fitted: fitted, naive: naive,
                nonNegative: configuration.nonNegative)
    }

    private static func evidence(_ errors: [Double], fitted: FittedErrors, naive: [Double]) -> ErrorShape.Evidence {
        let distribution = ErrorDistribution(fitted, naive: naive, shape: .assumed)
        return ErrorShape.Evidence(
            scores: ErrorDistribution.scores(errors, spreads: distribution.spreads),
            fittedRange: distribution.fittedRange)
    }
}

/// A backtest on which bands around the mean and past demand are compared.
struct DemandTrial: Sendable {
    private let plan: BacktestPlan
    private let forecasts: [Double]
    private let errors: [Double]
    private let fitted: FittedErrors
    private let naive: [Double]
    private let nonNegative: Bool
    /// Quantiles of demand known at each origin, row-major, origin × step of the cycle × level.
    private let demand: [[Double]]
    /// The mean size of demand, as the unit of losses.
    private let unit: Double

    /// The levels compared.
    private static let levels = [0.5, 0.8, 0.9, 0.95]
    /// The shares of past demand that are tried.
    static let shares = [0, 0.25, 0.5, 0.75, 1]

    init(
        _ history: History, plan: BacktestPlan, forecasts: [Double], errors: [Double], fitted: FittedErrors,
        naive: [Double], nonNegative: Bool
    ) {
        self.plan = plan
        self.forecasts = forecasts
        self.errors = errors
        self.fitted = fitted
        self.naive = naive
        self.nonNegative = nonNegative
        demand = plan.origins.map { origin in
            let distribution = DemandDistribution(history, count: origin)
            return (0..<min(distribution.cycle, plan.horizon)).flatMap {
                distribution.quantiles(DemandTrial.levels, step: $0)
            }
        }
        var sum = 0.0
        for value in history.values where value == value { sum += value.magnitude }
        unit = sum / Double(max(history.observed, 1))
    }

    /// The pinball loss of each of `shares`, summed over points and levels, in units of the mean demand.
    func losses(_ shape: ErrorShape) -> [Double] {
        var losses = [Double](repeating: 0, count: DemandTrial.shares.count)
        guard unit > 0 else { return losses }
        let levels = DemandTrial.levels
        let distribution = ErrorDistribution(fitted, naive: naive, shape: shape)
        let scores = levels.map { distribution.score($0) }
        for row in plan.origins.indices {
            let cycle = demand[row].count / levels.count
            for step in 0..<plan.horizon {
                let index = row * plan.horizon + step
                guard errors[index] == errors[index] else { continue }
                let actual = forecasts[index] + errors[index]
                for (column, level) in levels.enumerated() {
                    let value = forecasts[index] + scores[column] * distribution.spreads[step]
                    let band = nonNegative ? max(value, 0) : value
                    let past = demand[row][step % cycle * levels.count + column]
                    for (number, share) in DemandTrial.shares.enumerated() {
                        let excess = actual - (band + share * (past - band))
                        losses[number] += max(level * excess, (level - 1) * excess)
                    }
                }
            }
        }
        return losses.map { $0 / unit }
    }
}
