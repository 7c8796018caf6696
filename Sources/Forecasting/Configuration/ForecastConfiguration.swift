public import TimeSeries

/// What to forecast and how; the same for all series of one batch.
public struct ForecastConfiguration: Sendable, Codable, Hashable {
    /// How long one bucket is; every series must have it.
    public var frequency: Frequency
    /// Buckets in a season; 1 for none.
    public var season: Int
    /// Steps to forecast.
    public var horizon: Int
    /// The quantile levels, each inside (0, 1), ascending.
    public var quantileLevels: [Double]
    /// Whether quantiles of sums over steps 1…k are made as well; at the levels of the quantiles.
    public var cumulative: Bool
    /// The model, or `auto`.
    public var model: ModelChoice
    /// Folds of the rolling-origin backtest; fewer where a series is too short for that many. 0 for no backtest.
    public var origins: Int
    /// Whether mean and quantiles are held at 0 or above.
    public var nonNegative: Bool
    /// The seed of anything random; the present models draw nothing.
    public var seed: UInt64
    /// Days that are holidays, past and future, in any order.
    public var holidays: [Holiday]
    /// How many series are worked on at once; `nil` for as many as there are cores. Results do not depend on it.
    public var threads: Int?
    /// Whether each forecast comes with its fitted model, to go on with as new observations come in.
    public var keepsFit: Bool

    /// The levels the product publishes.
    public static let standardLevels = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99]

    /// A configuration; without `season` the frequency's usual one is taken.
    public init(
        frequency: Frequency, season: Int? = nil, horizon: Int,
        quantileLevels: [Double] = ForecastConfiguration.standardLevels, cumulative: Bool = false,
        model: ModelChoice = .auto, origins: Int = 4, nonNegative: Bool = true, seed: UInt64 = 0,
        holidays: [Holiday] = [], threads: Int? = nil, keepsFit: Bool = false
    ) {
        self.frequency = frequency
        self.season = season ?? frequency.usualSeason
        self.horizon = horizon
        self.quantileLevels = quantileLevels
        self.cumulative = cumulative
        self.model = model
        self.origins = origins
        self.nonNegative = nonNegative
        self.seed = seed
        self.holidays = holidays
        self.threads = threads
        self.keepsFit = keepsFit
    }

    /// Throws the first thing that makes the configuration unusable.
    public func validate() throws(ForecastError) {
        guard (1...10_000).contains(horizon) else {
            throw .configuration("The horizon is \(horizon); take 1 to 10000.")
        }
        guard (1...10_000).contains(season) else { throw .configuration("The season is \(season); take 1 to 10000.") }
        guard (0...1000).contains(origins) else {
            throw .configuration("The number of backtest origins is \(origins); take 0 to 1000.")
        }
        if let threads, threads < 1 { throw .configuration("The number of threads is \(threads); take 1 or more.") }
        var previous = 0.0
        for level in quantileLevels {
            guard level > previous, level < 1 else {
                throw .configuration("The quantile levels must ascend strictly inside (0, 1); look at \(level).")
            }
            previous = level
        }
        if case .etsForm(let notation) = model {
            guard let form = ETSForm(notation: notation) else {
                throw .configuration("There is no exponential smoothing form '\(notation)'; write one such as AAdM.")
            }
            if form.season != .none, season < 2 {
                throw .configuration("The form \(form.name) needs a season of 2 or more; the season is \(season).")
            }
        }
    }
}

/// Why a batch cannot be forecast at all; a single strange series never is a reason.
public enum ForecastError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The configuration cannot be used.
    case configuration(String)
    /// A series has another frequency than the configuration.
    case frequency(item: String, found: Frequency, expected: Frequency)

    /// One sentence that says what to change.
    public var description: String {
        switch self {
        case .configuration(let reason): reason
        case .frequency(let item, let found, let expected):
            "The series of item '\(item)' is \(found.rawValue); the configuration says \(expected.rawValue)."
        }
    }
}
