public import Forecasting
public import Monitoring
public import TimeSeries

/// What a retrain job covers and how: the `spec` of a job of kind `retrain` or `forecast`.
public struct PortfolioSpecification: Sendable, Codable, Hashable {
    /// Which columns make the key of a series.
    public enum Grain: String, Sendable, Codable, CaseIterable {
        case itemSite = "item-site"
        case item
        case itemSiteCustomer = "item-site-customer"
    }

    /// Which part of the company's demand is covered; an empty list means all.
    public struct Scope: Sendable, Codable, Hashable {
        /// Items by code.
        public var items: [String] = []
        /// Sites by code.
        public var sites: [String] = []
        /// Item categories.
        public var categories: [String] = []
        /// Only this many series, those with the most demand over their history; `nil` means all.
        public var top: Int?

        enum CodingKeys: String, CodingKey, CaseIterable { case items, sites, categories, top }

        /// The keys a scope may have.
        public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

        /// A scope that covers everything.
        public init() {}

        /// Reads a scope in which every key may be left out.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            items = try container.decodeIfPresent([String].self, forKey: .items) ?? []
            sites = try container.decodeIfPresent([String].self, forKey: .sites) ?? []
            categories = try container.decodeIfPresent([String].self, forKey: .categories) ?? []
            top = try container.decodeIfPresent(Int.self, forKey: .top)
        }
    }

    /// How long a bucket is.
    public var frequency: Frequency
    /// Steps to forecast.
    public var horizon: Int
    /// Buckets in a season.
    public var season: Int
    /// The key of a series.
    public var grain: Grain
    /// What is covered.
    public var scope: Scope
    /// Name of the model, as on the command line: `auto`, `ets`, `ridge`, ….
    public var model: String
    /// Rolling origins in the backtest.
    public var origins: Int
    /// Buckets of history to use at most; `nil` means all.
    public var historyLimit: Int?
    /// Name of the holiday calendar; `nil` means none.
    public var holidayCalendar: String?
    /// How the forecasts of series are made to agree with those of their totals.
    public var reconciliation: ReconciliationMethod
    /// Seed of all randomness.
    public var seed: UInt64
    /// What a new version must show before it takes the champion's place.
    public var gate: GateRules
    /// When an earlier version takes its place again.
    public var rollback: RollbackRules

    enum CodingKeys: String, CodingKey, CaseIterable {
        case frequency, horizon, season, grain, scope, model, origins, reconciliation, seed, gate, rollback
        case historyLimit = "history_limit"
        case holidayCalendar = "holiday_calendar"
    }

    /// The keys a job's `spec` may have.
    public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

    /// A portfolio of every item and site at a frequency.
    public init(frequency: Frequency, horizon: Int, season: Int? = nil) {
        self.frequency = frequency
        self.horizon = horizon
        self.season = season ?? frequency.usualSeason
        grain = .itemSite
        scope = Scope()
        model = "auto"
        origins = 4
        reconciliation = .bottomUp
        seed = 1
        gate = GateRules()
        rollback = RollbackRules()
    }

    /// Reads a specification in which everything has a default: daily, 28 steps, the usual season, item × site, `auto`.
    ///
    /// Throws `DecodingError` for a value of the wrong type, and ``PipelineError`` for one outside its range.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        frequency = try container.decodeIfPresent(Frequency.self, forKey: .frequency) ?? .daily
        horizon = try container.decodeIfPresent(Int.self, forKey: .horizon) ?? 28
        season = try container.decodeIfPresent(Int.self, forKey: .season) ?? frequency.usualSeason
        grain = try container.decodeIfPresent(Grain.self, forKey: .grain) ?? .itemSite
        scope = try container.decodeIfPresent(Scope.self, forKey: .scope) ?? Scope()
        model = try container.decodeIfPresent(String.self, forKey: .model) ?? "auto"
        origins = try container.decodeIfPresent(Int.self, forKey: .origins) ?? 4
        historyLimit = try container.decodeIfPresent(Int.self, forKey: .historyLimit)
        holidayCalendar = try container.decodeIfPresent(String.self, forKey: .holidayCalendar)
        reconciliation =
            try container.decodeIfPresent(ReconciliationMethod.self, forKey: .reconciliation) ?? .bottomUp
        seed = try container.decodeIfPresent(UInt64.self, forKey: .seed) ?? 1
        gate = try container.decodeIfPresent(GateRules.self, forKey: .gate) ?? GateRules()
        rollback = try container.decodeIfPresent(RollbackRules.self, forKey: .rollback) ?? RollbackRules()
        try validate()
    }

    private func validate() throws {
        func check(_ name: CodingKeys, _ value: Int?, _ range: ClosedRange<Int>) throws {
            guard let value, !range.contains(value) else { return }
            throw PipelineError.invalidSpecification(
                "\(name.rawValue) is \(value); it must lie between \(range.lowerBound) and \(range.upperBound)")
        }
        try check(.horizon, horizon, 1...1000)
        try check(.season, season, 1...168)
        try check(.origins, origins, 1...52)
        try check(.historyLimit, historyLimit, 1...100_000)
        if let top = scope.top, top < 1 {
            throw PipelineError.invalidSpecification("scope.top is \(top); it must be 1 or more")
        }
    }
}
