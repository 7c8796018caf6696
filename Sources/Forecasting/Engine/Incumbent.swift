/// What an earlier forecast of a series was made with: the model, or the members of a combination and their shares.
///
/// It tells how that choice would do today. Parameters and states are not part of it: they are fitted anew.
public struct Incumbent: Sendable, Hashable, Codable {
    /// The share of each model, by its name; they add up to 1.
    public var shares: NamedValues
    /// Whether it is kept, fitted to today's values, wherever its models can still be tried; else it only runs beside today's.
    public var isHeld: Bool

    /// The choice behind a forecast, by what `SeriesForecast` says of it.
    public init(model: String, parameters: NamedValues, isHeld: Bool = false) {
        self.isHeld = isHeld
        shares = [:]
        for (name, value) in parameters where name.hasPrefix(Incumbent.prefix) && value > 0 {
            shares[String(name.dropFirst(Incumbent.prefix.count))] = value
        }
        if shares.isEmpty { shares[model] = 1 }
    }

    /// What `CombinationModel` puts before the name of a member.
    private static let prefix = "weight "
}

/// How an earlier choice of model does on the folds of a backtest, with parameters from before the first origin. In the unit
/// of demand.
public struct IncumbentBacktest: Sendable, Codable, Hashable {
    /// Sum of |actual − forecast| per fold, in the order of `BacktestResult.folds`.
    public var errors: [Double]
    /// Sum of forecast − actual over all folds.
    public var signedError: Double
}
