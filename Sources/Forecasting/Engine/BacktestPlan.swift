/// Where a backtest of one series stands: its origins and how far each reaches.
struct BacktestPlan: Sendable {
    /// How many values each origin knows, ascending.
    let origins: [Int]
    /// The steps forecast from each origin; those past the end of the history are not scored.
    let horizon: Int

    /// How many values lie before the first origin: all that parameters may be fitted on.
    var first: Int { origins[0] }

    /// How many points are forecast, those past the end of the history included.
    var points: Int { origins.count * horizon }

    /// Plans at most `limit` origins.
    ///
    /// The first origin leaves room for the full horizon where the history allows, then for shorter folds, but never
    /// less than two cycles (four values without a season) to fit on.
    ///
    /// - Returns: `nil` where not one step can be scored.
    init?(_ history: History, horizon: Int, limit: Int) {
        guard limit > 0 else { return nil }
        let season = history.season
        let least = season > 1 ? 2 * season : 4
        let spread = max(limit - 1, min(horizon, history.count / 5))
        let first = max(least, history.count - horizon - spread)
        guard first < history.count else { return nil }
        let last = max(first, min(history.count - 1, max(history.count - horizon, first + spread)))
        let number = min(limit, last - first + 1)
        origins = (0..<number).map { number == 1 ? first : first + $0 * (last - first) / (number - 1) }
        self.horizon = horizon
    }

    /// Plans at most `limit` origins spread evenly from one that knows `first` values to the last that can be scored
    /// before `end`.
    init?(_ history: History, horizon: Int, from first: Int, before end: Int, limit: Int) {
        guard first > 0, first < end, end <= history.count, limit > 0 else { return nil }
        let last = end - 1
        let number = min(limit, last - first + 1)
        origins = (0..<number).map { number == 1 ? first : first + $0 * (last - first) / (number - 1) }
        self.horizon = horizon
    }
}
