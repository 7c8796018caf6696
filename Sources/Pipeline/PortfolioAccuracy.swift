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

    /// What accumulates into errors, so that series need not be kept.
    private struct Sums {
        var series = 0
        var points = 0.0
        var actual = 0.0
        var absolute = 0.0
        var signed = 0.0
        var mase = 0.0
        var inside80 = 0.0
        var pinball = 0.0

        mutating func add(_ summary: ErrorSummary) {
            series += 1
            points += Double(summary.count)
            actual += summary.absoluteActual
            absolute += summary.absoluteError
            signed += summary.signedError
            mase += summary.mase
            inside80 += summary.coverage80 * Double(summary.count)
            pinball += summary.pinball
        }

        var errors: Errors {
            Errors(
                wape: actual > 0 ? absolute / actual : nil, bias: actual > 0 ? signed / actual : nil,
                mase: series > 0 ? mase / Double(series) : nil, coverage80: points > 0 ? inside80 / points : nil,
                pinball: actual > 0 ? pinball / actual : nil)
        }
    }

    /// Adds up the backtests of a portfolio's series, one after another.
    public struct Accumulator: Sendable {
        private var series = 0
        private var model = Sums()
        private var seasonalNaive = Sums()

        /// No series yet.
        public init() {}

        /// Adds a series; one too short for a backtest counts as a series only.
        public mutating func add(_ forecast: SeriesForecast) {
            series += 1
            guard let backtest = forecast.backtest else { return }
            model.add(backtest.model)
            seasonalNaive.add(backtest.seasonalNaive)
        }

        /// The accuracy of what was added.
        public var accuracy: PortfolioAccuracy {
            PortfolioAccuracy(
                series: series, scored: model.series, points: Int(model.points), model: model.errors,
                seasonalNaive: seasonalNaive.errors)
        }
    }
}
