/// Everything a manager, an auditor or a regulator asks of one version.
public struct ModelCard: Sendable {
    /// One series of the version.
    public struct Series: Sendable {
        /// The site; `nil` where the grain has none.
        public var site: String?
        /// How demand arrives.
        public var demandClass: String
        /// The model chosen.
        public var model: String
        /// Points scored in the backtest; 0 where it was too short for one.
        public var scored: Int
        /// Sum of |actual| over them.
        public var actual: Double
        /// Sum of |actual − forecast|.
        public var error: Double
        /// Sum of |actual − seasonal naive|.
        public var naiveError: Double
        /// Share of actuals inside the 80 % interval.
        public var coverage80: Double
        /// Share of actuals inside the 95 % interval.
        public var coverage95: Double
        /// Mean absolute scaled error at each step.
        public var stepErrors: [Double]

        /// A series.
        public init(
            site: String?, demandClass: String, model: String, scored: Int, actual: Double, error: Double,
            naiveError: Double, coverage80: Double, coverage95: Double, stepErrors: [Double]
        ) {
            self.site = site
            self.demandClass = demandClass
            self.model = model
            self.scored = scored
            self.actual = actual
            self.error = error
            self.naiveError = naiveError
            self.coverage80 = coverage80
            self.coverage95 = coverage95
            self.stepErrors = stepErrors
        }
    }

    /// Number of the version.
    public var versionID: Int64
    /// The portfolio.
    public var portfolio: String
    /// Whether it is in use.
    public var isChampion: Bool
    /// What it covers and how.
    public var specification: PortfolioSpecification
    /// Where it comes from: names and values, such as its data's hash.
    public var lineage: [(name: String, value: String)]
    /// First local day of demand it was trained on.
    public var dataFrom: String
    /// Last one.
    public var dataThrough: String
    /// What was cleaned and what a reader should know.
    public var notes: [String]
    /// Its series.
    public var series: [Series]
    /// The gate's verdict, a sentence each; empty where it needed none.
    public var verdict: [String]
    /// Promotions and rollbacks it took part in: when, what, by whom, why.
    public var promotions: [[String]]
    /// How its published forecasts turned out: stage, points, WAPE, bias; empty where nothing has matured.
    public var matured: [[String]]
    /// Its trial in the shadow, a sentence each; empty where it had none.
    public var shadow: [String]
    /// What the last drift check under it found, a sentence each; empty where there was none.
    public var drift: [String]
    /// Incidents that were opened under it, and the one whose retrain made it: since when, what, how it stands.
    public var incidents: [[String]]
    /// What people changed in its portfolio's forecasts: when, who, what, why.
    public var overrides: [[String]]

    /// A card of the facts.
    public init(
        versionID: Int64, portfolio: String, isChampion: Bool, specification: PortfolioSpecification,
        lineage: [(name: String, value: String)], dataFrom: String, dataThrough: String, notes: [String],
        series: [Series], verdict: [String], promotions: [[String]], matured: [[String]],
        shadow: [String], drift: [String], incidents: [[String]], overrides: [[String]]
    ) {
        self.versionID = versionID
        self.portfolio = portfolio
        self.isChampion = isChampion
        self.specification = specification
        self.lineage = lineage
        self.dataFrom = dataFrom
        self.dataThrough = dataThrough
        self.notes = notes
        self.series = series
        self.verdict = verdict
        self.promotions = promotions
        self.matured = matured
        self.shadow = shadow
        self.drift = drift
        self.incidents = incidents
        self.overrides = overrides
    }
}
