internal import Forecasting
public import TimeSeries

/// How sure the forecast of a site, a category or the company is.
public struct TotalForecast: Sendable {
    /// What a total adds up, by the names of `forecast.total`.
    public enum Level: String, Sendable, CaseIterable {
        /// All series of the portfolio.
        case company
        /// Those of a site.
        case site
        /// Those of a category.
        case category
        /// Those of a category at a site.
        case siteCategory = "site_category"
    }

    /// What it adds up.
    public var level: Level
    /// The site, on the levels that have one.
    public var site: String?
    /// The category, on the levels that have one; `nil` there is items without one.
    public var category: String?
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
    private struct Key: Hashable, Comparable {
        var level: TotalForecast.Level
        var site: String?
        var category: String?

        private var order: [String] { [level.rawValue, site ?? "", category ?? "", category == nil ? "" : "1"] }

        static func < (one: Key, other: Key) -> Bool { one.order.lexicographicallyPrecedes(other.order) }
    }

    private var totals: [Key: (demand: TotalDemand, firstBucket: Bucket)] = [:]

    /// Adds a trained series to every total it is part of.
    mutating func add(_ one: TrainedSeries, configuration: ForecastConfiguration) {
        let category = one.built.category
        var keys = [Key(level: .company), Key(level: .category, category: category)]
        if let site = one.forecast.key.site {
            keys.append(Key(level: .site, site: site))
            keys.append(Key(level: .siteCategory, site: site, category: category))
        }
        for key in keys {
            totals[key, default: (TotalDemand(configuration: configuration), one.forecast.origin.advanced(by: 1))]
                .demand.add(one.built.series, one.forecast)
        }
    }

    /// All of them, always in the same order.
    var forecasts: [TotalForecast] {
        totals.sorted { $0.key < $1.key }.map { key, total in
            TotalForecast(
                level: key.level, site: key.site, category: key.category, series: total.demand.series,
                firstBucket: total.firstBucket, quantiles: total.demand.quantiles(),
                cumulativeQuantiles: total.demand.cumulativeQuantiles())
        }
    }
}
