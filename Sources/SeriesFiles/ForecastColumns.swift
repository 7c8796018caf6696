internal import Forecasting

/// The columns of a file of forecasts: `unique_id,ds,mean`, then `lo-80,hi-80` for each level and `q0.1` for each
/// quantile; where sums are asked for, the same of the demand of all steps so far: `cumulative-mean`, `cumulative-lo-80` ….
public struct ForecastColumns: Sendable {
    /// Central intervals in percent, such as 80 and 95, each once.
    public let levels: [Double]
    /// Quantiles, each inside (0, 1) and once.
    public let quantiles: [Double]
    /// Whether there are columns for the demand summed up from the first step to each.
    public let cumulative: Bool

    /// Columns in the order given, what is asked for twice written once; `nil` where a level lies outside (0, 100) or a
    /// quantile outside (0, 1).
    public init?(levels: [Double], quantiles: [Double], cumulative: Bool = false) {
        guard levels.allSatisfy({ $0 > 0 && $0 < 100 }), quantiles.allSatisfy({ $0 > 0 && $0 < 1 }) else { return nil }
        self.levels = ForecastColumns.distinct(levels)
        self.quantiles = ForecastColumns.distinct(quantiles)
        self.cumulative = cumulative
        guard quantileLevels.allSatisfy({ $0 > 0 && $0 < 1 }) else { return nil }
    }

    /// The quantile levels the engine must be asked for, ascending; none where only the mean is wanted, which is faster.
    public var quantileLevels: [Double] { Set(askedLevels).sorted() }

    /// The names of the columns.
    var names: [String] {
        let numbers =
            ["mean"] + levels.flatMap { ["lo-\(ForecastColumns.short($0))", "hi-\(ForecastColumns.short($0))"] }
            + quantiles.map { "q\(ForecastColumns.short($0))" }
        return ["unique_id", "ds"] + numbers + (cumulative ? numbers.map { "cumulative-\($0)" } : [])
    }

    /// Where the quantile of each column behind a mean stands among the levels of a forecast.
    func places(in forecast: SeriesForecast) -> [Int] {
        let places = askedLevels.compactMap { forecast.quantileLevels.firstIndex(of: $0) }
        precondition(places.count == askedLevels.count, "the engine was asked for every level")
        return places
    }

    /// The level of each column behind the mean, in order.
    private var askedLevels: [Double] {
        levels.flatMap { [ForecastColumns.rounded((100 - $0) / 200), ForecastColumns.rounded((100 + $0) / 200)] }
            + quantiles.map(ForecastColumns.rounded)
    }

    /// To nine digits, so that the level 80 and the quantile 0.1 ask for the same number.
    private static func rounded(_ level: Double) -> Double { (level * 1e9).rounded() / 1e9 }

    private static func short(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }

    private static func distinct(_ numbers: [Double]) -> [Double] {
        var result: [Double] = []
        for number in numbers where !result.contains(number) { result.append(number) }
        return result
    }
}
