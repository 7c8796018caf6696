/// The choice of a model for one history by rolling-origin error.
struct Contest: Sendable {
    /// The chosen model, fitted to the whole history.
    let winner: any FittedModel
    /// The plan of the backtest; `nil` where the history is too short for one.
    let plan: BacktestPlan?
    /// The chosen model's forecasts on the plan, from parameters fitted before the first origin.
    let table: BacktestTable?
    /// The loss of each candidate, best first.
    let losses: NamedValues

    /// Fits, backtests, chooses and refits.
    init(_ history: History, configuration: ForecastConfiguration, notes: inout [String]) {
        let specifications = Candidates.specifications(configuration.model, history: history, notes: &notes)
        let single = specifications.count == 1
        let effort = single ? ETSFit.Effort.thorough : .brisk
        let plan = BacktestPlan(history, horizon: configuration.horizon, limit: configuration.origins)
        var entries: [(specification: ModelSpecification, name: String, table: BacktestTable, loss: Double)] = []
        if let plan {
            let scale = Contest.scale(history, count: plan.first)
            for specification in specifications {
                guard let model = specification.fit(history, count: plan.first, effort: effort) else { continue }
                let table = BacktestTable(
                    model, history: history, plan: plan, nonNegative: configuration.nonNegative)
                let loss = table.loss(history, plan: plan, scale: scale)
                entries.append((specification, model.name, table, loss))
            }
        } else if !single {
            notes.append("\(history.count) buckets are too few for a backtest: the model is the simplest that fits")
        }
        let ranked = entries.enumerated().sorted { ($0.element.loss, $0.offset) < ($1.element.loss, $1.offset) }
            .map(\.element)
        var losses: NamedValues = [:]
        for entry in ranked where entry.loss.isFinite { losses[entry.name] = entry.loss }

        let order = ranked.map(\.specification) + (ranked.isEmpty ? specifications.reversed() : []) + [.naive]
        var winner: (specification: ModelSpecification, model: any FittedModel) = (.naive, NaiveModel())
        for specification in order {
            guard let model = specification.fit(history, count: history.count, effort: effort) else { continue }
            winner = (specification, model)
            break
        }
        self.winner = winner.model
        self.losses = losses
        if let entry = ranked.first(where: { $0.specification == winner.specification }) {
            self.plan = plan
            table = entry.table
        } else {
            self.plan = nil
            table = nil
        }
    }

    /// The units of scaled errors, never 0.
    static func scale(_ history: History, count: Int) -> (absolute: Double, squared: Double) {
        let scale = history.differenceScale(count: count)
        guard scale.absolute > 0 else {
            let whole = history.differenceScale(count: history.count)
            return whole.absolute > 0 ? whole : (1, 1)
        }
        return scale
    }
}
