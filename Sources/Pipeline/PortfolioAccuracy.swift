public import Forecasting

/// How a portfolio did in its backtest, the models beside seasonal naive on the same points.
public struct PortfolioAccuracy: Sendable, Codable, Hashable {
    /// The errors of one way to forecast, over every scored point of every series.
    public struct Errors: Sendable, Codable, Hashable {
        /// Sum of |actual − forecast| over sum of |actual|; `nil` where there was no demand.
        public var wape: Double?
        /// Sum of (forecast − actual) over sum of |actual|; `nil` where there was no demand.
        public var bias: Double?
        /// Mean over series of the mean absolute scaled error; `nil` where no series was scored.
        public var mase: Double?
        /// Share of points inside the central 80 % interval.
        public var coverage80: Double?
        /// Mean pinball loss over sum of |actual|; `nil` where there was no demand.
        public var pinball: Double?
    }

    /// Series in the portfolio.
    public var series: Int
    /// Series long enough to be scored.
    public var scored: Int
    /// Points scored.
    public var points: Int
    /// The chosen models.
    public var model: Errors
    /// Seasonal naive.
    public var seasonalNaive: Errors

    /// Sums the backtests of a portfolio's series.
    public init(_ forecasts: [SeriesForecast]) {
        let backtests = forecasts.compactMap(\.backtest)
        series = forecasts.count
        scored = backtests.count
        points = backtests.reduce(0) { $0 + $1.model.count }
        model = PortfolioAccuracy.sum(backtests.map(\.model))
        seasonalNaive = PortfolioAccuracy.sum(backtests.map(\.seasonalNaive))
    }

    private static func sum(_ summaries: [ErrorSummary]) -> Errors {
        let actual = summaries.reduce(0) { $0 + $1.absoluteActual }
        let points = summaries.reduce(0) { $0 + $1.count }
        func perActual(_ value: (ErrorSummary) -> Double) -> Double? {
            actual > 0 ? summaries.reduce(0) { $0 + value($1) } / actual : nil
        }
        return Errors(
            wape: perActual(\.absoluteError), bias: perActual(\.signedError),
            mase: summaries.isEmpty ? nil : summaries.reduce(0) { $0 + $1.mase } / Double(summaries.count),
            coverage80: points > 0
                ? summaries.reduce(0) { $0 + $1.coverage80 * Double($1.count) } / Double(points) : nil,
            pinball: perActual(\.pinball))
    }
}
