/// A form of exponential smoothing in the taxonomy of Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential
/// Smoothing: The State Space Approach" (2008), table 2.1: error, trend, season.
public struct ETSForm: Sendable, Hashable, Codable {
    /// How the error enters.
    public enum ErrorKind: Sendable, Hashable, Codable { case additive, multiplicative }
    /// How the level grows.
    public enum Trend: Sendable, Hashable, Codable { case none, additive, damped }
    /// How the season enters.
    public enum Season: Sendable, Hashable, Codable { case none, additive, multiplicative }

    /// How the error enters.
    public var error: ErrorKind
    /// How the level grows.
    public var trend: Trend
    /// How the season enters.
    public var season: Season

    /// A form of three parts.
    public init(_ error: ErrorKind, _ trend: Trend, _ season: Season) {
        self.error = error
        self.trend = trend
        self.season = season
    }

    /// Parses `ANN`, `AAdM` and the like; `nil` for anything else, multiplicative trends included.
    public init?(notation: String) {
        var rest = Substring(notation)
        guard let first = rest.popFirst(), let error = ["A": ErrorKind.additive, "M": .multiplicative][first],
            let last = rest.popLast(),
            let season = ["N": Season.none, "A": .additive, "M": .multiplicative][last],
            let trend = ["N": Trend.none, "A": .additive, "Ad": .damped][String(rest)]
        else { return nil }
        self.init(error, trend, season)
    }

    /// The place of a form in a list of all: error by error, trend by trend.
    private var place: Int {
        let trendPlace =
            switch trend {
            case .none: 0
            case .additive: 1
            case .damped: 2
            }
        let seasonPlace =
            switch season {
            case .none: 0
            case .additive: 1
            case .multiplicative: 2
            }
        return ((error == .additive ? 0 : 3) + trendPlace) * 3 + seasonPlace
    }

    private static let letters = ["A", "M"].flatMap { error in
        ["N", "A", "Ad"].flatMap { trend in ["N", "A", "M"].map { (error, trend, $0) } }
    }
    private static let notations = letters.map { $0.0 + $0.1 + $0.2 }
    private static let names = letters.map { "ETS(\($0.0),\($0.1),\($0.2))" }

    /// The short notation, such as `AAdM`.
    public var notation: String { ETSForm.notations[place] }

    /// The name in reports, such as `ETS(A,Ad,M)`.
    public var name: String { ETSForm.names[place] }

    /// Whether every observation must be above 0.
    public var needsPositive: Bool { error == .multiplicative || season == .multiplicative }

    /// How many smoothing parameters are fitted: α, β, γ and φ as the form has them.
    var smoothingCount: Int {
        1 + (trend == .none ? 0 : 1) + (season == .none ? 0 : 1) + (trend == .damped ? 1 : 0)
    }

    /// How many parameters the likelihood counts at a season of `season` buckets: smoothing, free initial states and the
    /// variance.
    func parameterCount(season period: Int) -> Int {
        smoothingCount + 1 + (trend == .none ? 0 : 1) + (season == .none ? 0 : period - 1) + 1
    }
}
