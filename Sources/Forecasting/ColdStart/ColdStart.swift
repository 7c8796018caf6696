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
/// lognormally, by √(1 − Z) of what the items spread and a k-th of the noise, residuals as the items had them. Over several
/// buckets the level is wrong alike and the residuals are independent: their weighted sum is taken for a gamma variable of its
/// mean and variance.
struct ColdStart {
    private let items: LikeItems
    private let series: DemandSeries
    /// The place of the first demand in the series; its end where there is none.
    private let first: Int
    private let observed: Int
    private let credibility: Double
    private let level: Double
    /// Steps before the first in which the item can be ordered.
    private let stepsBefore: Int

    /// Whether a series is too short to speak for itself.
    static func isNeeded(_ series: DemandSeries, season: Int) -> Bool {
        let first = series.values.firstIndex { $0.isFinite && $0 > 0 } ?? series.values.count
        return series.values[first...].count { $0.isFinite } < max(season, 8)
    }

    /// Judges the level of a series.
    init(_ series: DemandSeries, items: LikeItems, stepsBefore: Int = 0) {
        self.series = series
        self.items = items
        self.stepsBefore = stepsBefore
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
        let weights = (0..<horizon).map { step -> Double in
            guard step >= stepsBefore else { return 0 }
            let time = series.values.count + step
            let season = items.season(of: series.start.ordinal + time)
            let beginning = items.beginning(at: time - first - (first == series.values.count ? stepsBefore : 0))
            components[0].values[step] = level
            components[1].values[step] = level * (season - 1)
            components[2].values[step] = level * season * (beginning - 1)
            return level * season * beginning
        }
        for weight in weights { for value in relative { quantiles.append(weight * value) } }
        let sums =
            configuration.cumulative ? unit.ordered(cumulativeQuantiles(levels, weights), levels: levels.count) : nil
        let mean = unit.settle(&components, horizon: horizon)
        return SeriesForecast(
            key: series.key, origin: series.origin, model: "like-items", modelFamily: .likeItems,
            parameters: [
                "items": Double(items.count), "credibility": credibility,
                "level of items": unit.bounded(items.level * items.scale),
            ], state: [unit.bounded(level * items.scale)], stateNames: ["level"], mean: mean, quantileLevels: levels,
            quantiles: unit.ordered(quantiles, levels: levels.count), cumulativeQuantiles: sums, components: components,
            logLikelihood: nil,
            aicc: nil, observations: observed, demandClass: DemandClass(series.values), backtest: nil,
            notes: [
                "\(observed) \(observed == 1 ? "observation is" : "observations are") too few: season, start and "
                    + "\(Int(((1 - credibility) * 100).rounded())) % of the level are those of \(items.count) like item\(items.count == 1 ? "" : "s")"
            ])
    }

    /// Quantiles of demand over its mean.
    private func relativeQuantiles(_ levels: [Double]) -> [Double] {
        var scenarios: [Double] = []
        scenarios.reserveCapacity(ColdStart.factors * items.residuals.count)
        for factor in levelFactors { for residual in items.residuals { scenarios.append(factor * residual) } }
        return ColdStart.quantiles(&scenarios, levels)
    }

    /// Quantiles of the demand of the first 1, 2, … steps, row-major, step × level; never less than of one step fewer.
    private func cumulativeQuantiles(_ levels: [Double], _ weights: [Double]) -> [Double] {
        let number = Double(items.residuals.count)
        let mean = items.residuals.reduce(0, +) / number
        let variance = items.residuals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / number
        let factors = levelFactors
        let scores = (0..<ColdStart.sums).map {
            Distributions.normalQuantile((Double($0) + 0.5) / Double(ColdStart.sums))
        }
        var result: [Double] = []
        var sum = 0.0
        var squares = 0.0
        var before = [Double](repeating: 0, count: levels.count)
        var scenarios: [Double] = []
        for weight in weights {
            sum += weight
            squares += weight * weight
            // Gamma quantiles by Wilson and Hilferty, "The distribution of chi-square" (1931); a ninth of the inverse shape.
            let flatness = sum > 0 && mean > 0 ? variance * squares / (9 * mean * mean * sum * sum) : 0
            scenarios.removeAll(keepingCapacity: true)
            for score in scores {
                let root = max(1 - flatness + score * flatness.squareRoot(), 0)
                for factor in factors { scenarios.append(factor * mean * sum * root * root * root) }
            }
            for (place, value) in ColdStart.quantiles(&scenarios, levels).enumerated() {
                before[place] = max(before[place], value)
            }
            result += before
        }
        return result
    }

    /// The level over the one expected: equally likely values of a lognormal variable of mean 1.
    private var levelFactors: [Double] {
        let remaining = 1 - credibility
        // The mean of the items' levels is itself uncertain by one item's share, and so are season and start.
        let share = 1 / Double(items.count)
        let unsure = min(items.noise / (items.level * items.level), 1) * share
        let spread = (items.spread * items.spread * remaining * (1 + share) + unsure).squareRoot()
        return (0..<ColdStart.factors).map { place in
            let z = Distributions.normalQuantile((Double(place) + 0.5) / Double(ColdStart.factors))
            return exp(spread * z - spread * spread / 2)
        }
    }

    /// Quantiles of equally likely values, which are sorted.
    private static func quantiles(_ scenarios: inout [Double], _ levels: [Double]) -> [Double] {
        scenarios.sort()
        return levels.map { scenarios[min(Int($0 * Double(scenarios.count)), scenarios.count - 1)] }
    }

    /// Levels, and sums at each of them, that stand for all there are.
    private static let factors = 25
    private static let sums = 40
}
