public import Monitoring
public import TimeSeries

/// What became of one series from one version to another.
public struct VersionPair: Sendable, Hashable {
    /// One side of it.
    public struct Side: Sendable, Hashable {
        /// The model chosen.
        public var model: String
        /// SHA-256 of what it was trained on.
        public var contentHash: String
        /// The parameters, names and values.
        public var parameters: [String: Double]
        /// Sum of |actual| over the points of its backtest; 0 without one.
        public var absoluteActual: Double
        /// Sum of |actual − forecast| over them.
        public var absoluteError: Double
        /// How demand arrives.
        public var demandClass: String

        /// One side.
        public init(
            model: String, contentHash: String, parameters: [String: Double], absoluteActual: Double,
            absoluteError: Double, demandClass: String
        ) {
            self.model = model
            self.contentHash = contentHash
            self.parameters = parameters
            self.absoluteActual = absoluteActual
            self.absoluteError = absoluteError
            self.demandClass = demandClass
        }

        /// WAPE of its backtest; `nil` without one.
        var wape: Double? { absoluteActual > 0 ? absoluteError / absoluteActual : nil }
    }

    /// The series.
    public var key: SeriesKey
    /// The earlier version's; `nil` where it has no such series.
    public var before: Side?
    /// The later version's; `nil` where it has no such series.
    public var after: Side?

    /// A pair of which one side at least is there.
    public init(key: SeriesKey, before: Side?, after: Side?) {
        self.key = key
        self.before = before
        self.after = after
    }
}

/// What changed from one version to another, and for whom it got better or worse.
///
/// Each version is taken at its own backtest. Where both were trained on the same values those are the same points; where the
/// values differ the points do, and the difference tells of both models and days: `sameData` says for how many that is so.
public struct VersionComparison: Sendable {
    /// A series whose accuracy changed.
    public struct Mover: Sendable, Hashable {
        /// The series.
        public var key: SeriesKey
        /// The model before.
        public var modelBefore: String
        /// The model after.
        public var modelAfter: String
        /// WAPE before.
        public var wapeBefore: Double
        /// WAPE after.
        public var wapeAfter: Double
    }

    /// Series of both.
    public private(set) var common = 0
    /// Series of the later version only.
    public private(set) var added = 0
    /// Series of the earlier version only.
    public private(set) var removed = 0
    /// Series of both that were trained on the same values.
    public private(set) var sameData = 0
    /// Series whose model changed.
    public private(set) var otherModel = 0
    /// Series of the same model with other parameters.
    public private(set) var otherParameters = 0
    /// All series together first, then the segments; the champion is the earlier version. Empty where none has both backtests.
    public let comparisons: [GateVerdict.Comparison]
    /// Those that got better most, in units of demand.
    public let better: [Mover]
    /// Those that got worse most.
    public let worse: [Mover]

    /// Compares; the same pairs in the same order give the same bounds.
    public init(_ pairs: [VersionPair], rules: GateRules = GateRules(), movers limit: Int = 5) {
        var paired: [PairedSeries] = []
        var moved: [(mover: Mover, change: Double)] = []
        for pair in pairs {
            guard let before = pair.before else {
                added += 1
                continue
            }
            guard let after = pair.after else {
                removed += 1
                continue
            }
            common += 1
            if before.contentHash == after.contentHash { sameData += 1 }
            if before.model != after.model {
                otherModel += 1
            } else if before.parameters != after.parameters {
                otherParameters += 1
            }
            guard let wapeBefore = before.wape, let wapeAfter = after.wape else { continue }
            // Both at the weight of the later one's demand, so that more demand alone is no worse forecast.
            let demand = after.absoluteActual
            paired.append(
                PairedSeries(
                    site: pair.key.site, demandClass: after.demandClass, actual: demand, championSigned: 0,
                    challengerSigned: 0,
                    origins: [.init(champion: wapeBefore * demand, challenger: wapeAfter * demand)]))
            moved.append(
                (
                    Mover(
                        key: pair.key, modelBefore: before.model, modelAfter: after.model, wapeBefore: wapeBefore,
                        wapeAfter: wapeAfter), (wapeAfter - wapeBefore) * demand
                ))
        }
        comparisons = PairedComparison(rules: rules, seed: 1).compare(paired)
        let order = moved.sorted { ($0.change, $0.mover.key) < ($1.change, $1.mover.key) }
        better = order.prefix(limit).filter { $0.change < 0 }.map(\.mover)
        worse = order.reversed().prefix(limit).filter { $0.change > 0 }.map(\.mover)
    }
}
