public import TimeSeries

/// The demand of several series together, and how far its forecast may be off.
///
/// The forecast of a total is the sum of its parts' forecasts, so that all levels add up; ``Reconciliation`` may have moved those
/// towards a forecast of the total itself. How sure it is cannot
/// be told from the parts' quantiles, which do not add up: what is wrong with one part alone cancels out, and what is wrong
/// with all of them does not. It is measured on sums of the errors that the parts made from the same origins of their
/// backtests, and drawn, as `ErrorSpread` says, towards what the seasonal naive forecast of the total would have been off by.
public struct TotalDemand: Sendable {
    /// How many series it adds up.
    public private(set) var series = 0
    /// The expected demand per step.
    public private(set) var mean: [Double]
    private let configuration: ForecastConfiguration
    /// Demand per bucket from `start` on; a missing bucket of a part counts as the one a season before.
    private var values: [Double] = []
    private var start: Bucket?
    /// What the parts' forecasts come to.
    private var volume = 0.0
    /// By the ordinal of the first bucket forecast.
    private var origins: [Int: Origin] = [:]

    private struct Origin {
        /// Actual − forecast per step, of all parts with a backtest from there.
        var errors: [Double] = []
        /// What those parts' forecasts come to.
        var volume = 0.0
    }

    /// Origins at which parts of less than this share of the demand were tested tell too little.
    private static let leastShare = 0.5
    /// Degrees of freedom of the errors over their spread, which is itself known from a few of them.
    private static let freedom = 5.0
    /// Makes the spread the standard deviation of that distribution.
    private static let unit = (3.0 / 5).squareRoot()
    /// The same of sums, which there are fewer separate ones of to measure a spread on. Chosen, as was the one above, by rolling
    /// origins on totals of ten to four hundred real series, daily, weekly and monthly: of what 80 % is meant for, 81 to 95 %
    /// is covered.
    private static let unitOfSums = 0.9

    /// A total of nothing yet.
    public init(configuration: ForecastConfiguration) {
        self.configuration = configuration
        mean = [Double](repeating: 0, count: configuration.horizon)
    }

    /// Adds a series and its forecast, both of the configuration.
    public mutating func add(_ part: DemandSeries, _ forecast: SeriesForecast) {
        series += 1
        for step in mean.indices { mean[step] += forecast.mean[step] }
        let size = forecast.mean.reduce(0, +)
        volume += size
        add(part)
        for fold in forecast.backtest?.folds ?? [] {
            let place = part.start.ordinal + fold.known
            var origin = origins[place] ?? Origin()
            while origin.errors.count < fold.errors.count { origin.errors.append(0) }
            for step in fold.errors.indices { origin.errors[step] += fold.errors[step] }
            origin.volume += size
            origins[place] = origin
        }
    }

    private mutating func add(_ part: DemandSeries) {
        guard !part.values.isEmpty else { return }
        let first = min(start?.ordinal ?? part.start.ordinal, part.start.ordinal)
        if let start, start.ordinal > first {
            values.insert(contentsOf: repeatElement(0, count: start.ordinal - first), at: 0)
        }
        if start.map({ $0.ordinal > first }) ?? true { start = part.start }
        let offset = part.start.ordinal - first
        while values.count < offset + part.values.count { values.append(0) }
        let season = max(configuration.season, 1)
        var filled: [Double] = []
        filled.reserveCapacity(part.values.count)
        for (place, value) in part.values.enumerated() {
            filled.append(value.isFinite ? value : place >= season ? filled[place - season] : 0)
            values[offset + place] += filled[place]
        }
    }

    /// Demand per bucket of all parts together; `nil` where none has any.
    public func demand(as key: SeriesKey) -> DemandSeries? {
        start.map { DemandSeries(key: key, start: $0, values: values) }
    }

    /// The quantiles of the total, row-major, step × level of the configuration; they ascend within each step.
    ///
    /// Where nothing is known of its errors, as of a total of new items alone, they are the mean.
    public func quantiles() -> [Double] { quantiles(around: mean, cumulated: false) }

    /// The quantiles of the total over steps 1…k, row-major, k × level of the configuration; they ascend within each k.
    public func cumulativeQuantiles() -> [Double] {
        quantiles(around: CumulativeDemand.sums(mean, horizon: mean.count), cumulated: true)
    }

    private func quantiles(around mean: [Double], cumulated: Bool) -> [Double] {
        let levels = configuration.quantileLevels
        let demand = DemandUnit(scale: 1, nonNegative: configuration.nonNegative)
        var result: [Double] = []
        result.reserveCapacity(mean.count * levels.count)
        let unit = cumulated ? TotalDemand.unitOfSums : TotalDemand.unit
        let scores = levels.map { unit * Distributions.studentQuantile($0, freedom: TotalDemand.freedom) }
        let spreads = spreads(cumulated: cumulated)
        for step in mean.indices {
            for score in scores { result.append(mean[step] + score * spreads[step]) }
        }
        return demand.ordered(result, levels: levels.count)
    }

    /// The spread of the error at each step, or of the sum of errors up to it.
    private func spreads(cumulated: Bool) -> [Double] {
        let horizon = configuration.horizon
        let none = [Double](repeating: 0, count: horizon)
        guard let start else { return none }
        var notes: [String] = []
        let whole = DemandSeries(key: SeriesKey(item: ""), start: start, values: values)
        guard let history = History(whole, season: configuration.season, notes: &notes) else { return none }
        let known = origins.filter { $0.value.volume >= TotalDemand.leastShare * volume && $0.value.volume > 0 }
            .sorted { $0.key < $1.key }
        var errors: [Double] = []
        for (_, origin) in known {
            let growth = volume / origin.volume / history.scale
            for step in 0..<horizon {
                errors.append(step < origin.errors.count ? origin.errors[step] * growth : .nan)
            }
        }
        let first = known.first.map { $0.key - start.ordinal } ?? history.count
        if cumulated { errors = CumulativeDemand.sums(errors, horizon: horizon) }
        let naive =
            cumulated
            ? CumulativeDemand.naiveSpread(history, count: history.count, horizon: horizon)
            : ErrorSpread.naive(history, count: history.count, horizon: horizon)
        if errors.isEmpty && naive.isEmpty { return none }
        return ErrorSpread.spreads(
            errors: errors, horizon: horizon, naive: naive, span: max(history.count - first, 1), count: max(first, 1)
        ).map { min($0 * history.scale, 1e300) }
    }
}
