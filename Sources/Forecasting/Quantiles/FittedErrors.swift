/// The errors of a fitted model run from many origins over the later part of what it was fitted to.
///
/// They flatter the model, for it has seen what it forecasts; how much, `ErrorShape` learns.
struct FittedErrors: Sendable {
    /// Actual − forecast, row-major, origin × step; NaN where unscored.
    let errors: [Double]
    /// The steps of each origin.
    let horizon: Int
    /// How many buckets the origins are spread over.
    let span: Int
    /// How many values the model was fitted to.
    let count: Int

    /// Origins the model is run from.
    private static let origins = 24

    /// Errors given.
    init(errors: [Double], horizon: Int, span: Int, count: Int) {
        self.errors = errors
        self.horizon = horizon
        self.span = span
        self.count = count
    }

    /// Runs a model that was fitted to the first `count` values; none of the later ones is looked at.
    init(_ history: History, model: any FittedModel, count: Int, horizon: Int, nonNegative: Bool) {
        let least = history.season > 1 ? max(history.season + 2, count * 2 / 5) : max(4, count * 2 / 5)
        self.horizon = horizon
        self.count = count
        guard
            let plan = BacktestPlan(
                history, horizon: horizon, from: least, before: count, limit: FittedErrors.origins)
        else {
            errors = []
            span = 0
            return
        }
        span = count - least
        errors = BacktestTable(model, history: history, plan: plan, nonNegative: nonNegative)
            .errors(history, plan: plan, before: count)
    }

    /// The errors of sums over steps 1…k in place of those of step k; NaN from the first unscored step on.
    var cumulated: FittedErrors {
        FittedErrors(
            errors: CumulativeDemand.sums(errors, horizon: horizon), horizon: horizon, span: span, count: count)
    }
}
