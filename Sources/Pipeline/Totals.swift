internal import Forecasting
public import TimeSeries

/// How sure the forecast of a site, a category or the company is.
public struct TotalForecast: Sendable {
    /// What it adds up.
    public var key: TotalKey
    /// How many series it adds up.
    public var series: Int
    /// The first bucket forecast.
    public var firstBucket: Bucket
    /// The quantiles, row-major, step × level.
    public var quantiles: [Double]
    /// The quantiles of the demand of steps 1…k, row-major, k × level.
    public var cumulativeQuantiles: [Double]
}

/// Totals as they add up while a portfolio is trained.
struct Totals: Sendable {
    private var totals: [TotalKey: (demand: TotalDemand, firstBucket: Bucket)] = [:]

    /// Adds a trained series to every total it is part of.
    mutating func add(_ one: TrainedSeries, configuration: ForecastConfiguration) {
        for key in TotalKey.all(of: one.forecast.key, category: one.built.category) {
            totals[key, default: (TotalDemand(configuration: configuration), one.forecast.origin.advanced(by: 1))]
                .demand.add(one.built.series, one.forecast)
        }
    }

    /// What is demanded of each, always in the same order.
    var demands: [(key: TotalKey, demand: DemandSeries)] {
        totals.sorted { $0.key < $1.key }.compactMap { key, total in
            total.demand.demand(as: SeriesKey(item: key.description)).map { (key, $0) }
        }
    }

    /// All of them, always in the same order.
    var forecasts: [TotalForecast] {
        totals.sorted { $0.key < $1.key }.map { key, total in
            TotalForecast(
                key: key, series: total.demand.series,
                firstBucket: total.firstBucket, quantiles: total.demand.quantiles(),
                cumulativeQuantiles: total.demand.cumulativeQuantiles())
        }
    }
}
