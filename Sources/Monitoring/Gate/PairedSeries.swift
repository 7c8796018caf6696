/// The errors of champion and challenger on the same rolling origins of one series, in the unit of demand.
public struct PairedSeries: Sendable, Hashable, Codable {
    /// One origin.
    public struct Origin: Sendable, Hashable, Codable {
        /// Sum of |actual − champion's forecast| over the steps scored.
        public var champion: Double
        /// Sum of |actual − challenger's forecast| over the same steps.
        public var challenger: Double

        /// The errors of an origin.
        public init(champion: Double, challenger: Double) {
            self.champion = champion
            self.challenger = challenger
        }
    }

    /// Where; `nil` where the grain has no site.
    public var site: String?
    /// How demand arrives: smooth, erratic, intermittent, lumpy or none.
    public var demandClass: String
    /// Sum of |actual| over all points.
    public var actual: Double
    /// Sum of challenger's forecast − actual over all points.
    public var challengerSigned: Double
    /// Sum of champion's forecast − actual over the same points.
    public var championSigned: Double
    /// The origins, earliest first; the last ones of all series are of about the same time.
    public var origins: [Origin]

    /// A series of at least one origin.
    public init(
        site: String?, demandClass: String, actual: Double, championSigned: Double, challengerSigned: Double,
        origins: [Origin]
    ) {
        self.site = site
        self.demandClass = demandClass
        self.actual = actual
        self.championSigned = championSigned
        self.challengerSigned = challengerSigned
        self.origins = origins
    }
}
