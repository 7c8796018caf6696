#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif
internal import TimeSeries

/// The forecast of an item with less than a season of history, by items like it.
///
/// Season and start are theirs. The level is between theirs and the item's own, by credibility (Bühlmann, "Experience rating
/// and credibility", ASTIN Bulletin 4, 1967): with n observations, noise variance v and variance a of levels among items,
///
/// ```
/// level = Z · own + (1 − Z) · theirs      Z = 1 / (1 + v/a · (1/n + 1/k))
/// ```
///
/// where 1/k, k being the number of items, stands for what k items leave unsure of season and start. The own level is demand over what season and start expect. Quantiles are those of level × residual: levels spread
/// lognormally, by √(1 − Z) of what the items spread and a k-th of the noise, residuals as the items had them.
struct ColdStart {
    private let items: LikeItems
    private let series: DemandSeries
    /// The place of the first demand in the series; its end where there is none.
    private let first: Int
    private let observed: Int
    private let credibility: Double
    private let level: Double

    /// Whether a series is too short to speak for itself.
    static func isNeeded(_ series: DemandSeries, season: Int) -> Bool {
        let first = series.values.firstIndex { $0.isFinite && $0 > 0 } ?? series.values.count
        return series.values[first...].count { $0.isFinite } < max(season, 8)
    }

    /// Judges the level of a series.
    init(_ series: DemandSeries, items: LikeItems) {
        self.series = series
        self.items = items
        let values = series.values
        let first = values.firstIndex { $0.isFinite && $0 > 0 } ?? values.count
        self.first = first
        var sum = 0.0
        var expected = 0.0
        var number = 0
        for time in first..<values.count where values[time].isFinite {
            // What is far beyond anything the items ever had says no more than that.
            sum += min(max(values[time] / items.scale, 0), 1e30)
            expected += items.season(of: series.start.ordinal + time) * items.beginning(at: time - first)
            number += 1
        }
        observed = number
        credibility =
            number > 0 && expected > 0
            ? 1 / (1 + items.noise / items.variance * (1 / Double(number) + 1 / Double(items.count))) : 0
        let own = expected > 0 ? sum / expected : 0
        level = credibility * own + (1 - credibility) * items.level
    }

    /// The finished forecast.
    func forecast(_ configuration: ForecastConfiguration) -> SeriesForecast {
        let horizon = configuration.horizon
        let levels = configuration.quantileLevels
        var components = ["level", "season", "start"].map {
            Component(name: $0, values: [Double](repeating: 0, count: horizon))
        }
        var quantiles: [Double] = []
        let unit = DemandUnit(scale: items.scale, nonNegative: configuration.nonNegative)
        let relative = relativeQuantiles(levels)
        for step in 0..<horizon {
            let time = series.values.count + step
            let season = items.season(of: series.start.ordinal + time)
            let age = time - first
            components[0].values[step] = level
            components[1].values[step] = level * (season - 1)
            components[2].values[step] = level * season * (items.beginning(at: age) - 1)
            for value in relative { quantiles.append(level * season * items.beginning(at: age) * value) }
        }
        let mean = unit.settle(&components, horizon: horizon)
        return SeriesForecast(
            key: series.key, origin: series.origin, model: "like-items", modelFamily: .likeItems,
            parameters: [
                "items": Double(items.count), "credibility": credibility,
                "level of items": unit.bounded(items.level * items.scale),
            ], state: [unit.bounded(level * items.scale)], stateNames: ["level"], mean: mean, quantileLevels: levels,
            quantiles: unit.ordered(quantiles, levels: levels.count), components: components, logLikelihood: nil,
            aicc: nil, observations: observed, demandClass: DemandClass(series.values), backtest: nil,
            notes: [
                "\(observed) observations are too few: season, start and "
                    + "\(Int(((1 - credibility) * 100).rounded())) % of the level are those of \(items.count) like items"
            ])
    }

    /// Quantiles of demand over its mean.
    private func relativeQuantiles(_ levels: [Double]) -> [Double] {
        let remaining = 1 - credibility
        // The mean of the items' levels is itself uncertain by one item's share, and so are season and start.
        let share = 1 / Double(items.count)
        let unsure = min(items.noise / (items.level * items.level), 1) * share
        let spread = (items.spread * items.spread * remaining * (1 + share) + unsure).squareRoot()
        let number = 25
        var scenarios: [Double] = []
        scenarios.reserveCapacity(number * items.residuals.count)
        for place in 0..<number {
            let z = Distributions.normalQuantile((Double(place) + 0.5) / Double(number))
            let factor = exp(spread * z - spread * spread / 2)
            for residual in items.residuals { scenarios.append(factor * residual) }
        }
        scenarios.sort()
        return levels.map { scenarios[min(Int($0 * Double(scenarios.count)), scenarios.count - 1)] }
    }
}
