internal import TimeSeries

/// What touches one series, ready for its effects to be learnt from any number of its first buckets.
struct EffectLearning: Sendable {
    private let history: History
    private let design: EffectDesign
    private let prior: EffectPrior

    /// - Parameter history: the series as it was.
    /// - Returns: `nil` where nothing touches it.
    init?(_ history: History, events: [DemandEvent], horizon: Int, context: FitContext) {
        guard !context.holidays.days.isEmpty || !events.isEmpty else { return nil }
        let design = EffectDesign(
            start: history.start, count: history.count + horizon, holidays: context.holidays, events: events)
        guard !design.rows.isEmpty else { return nil }
        self.history = history
        self.design = design
        prior = context.prior
    }

    /// The effects as the first `count` buckets tell them.
    func effects(before count: Int) -> KnownEffects {
        let regression = EffectRegression(
            history.actual, count: count, season: history.season, design: design, prior: prior)
        return KnownEffects(design, effects: regression.solution(prior: prior))
    }
}
