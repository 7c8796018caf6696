/// What the gate decided about a challenger, with the numbers and the reasons.
public struct GateVerdict: Sendable, Hashable, Codable {
    /// Champion and challenger on the same points.
    public struct Comparison: Sendable, Hashable, Codable {
        /// What is compared: `all`, or a segment such as `A smooth ICN`.
        public var name: String
        /// Series compared.
        public var series: Int
        /// The champion's WAPE; `nil` where there was no demand.
        public var championWAPE: Double?
        /// The challenger's; `nil` where there was no demand.
        public var challengerWAPE: Double?
        /// How much more error the challenger has, as a share of the champion's; negative is less.
        public var difference: Double
        /// Lower bound of that difference.
        public var lower: Double
        /// Upper bound of that difference.
        public var upper: Double

        /// What was compared.
        public init(
            name: String, series: Int, championWAPE: Double?, challengerWAPE: Double?, difference: Double,
            lower: Double, upper: Double
        ) {
            self.name = name
            self.series = series
            self.championWAPE = championWAPE
            self.challengerWAPE = challengerWAPE
            self.difference = difference
            self.lower = lower
            self.upper = upper
        }
    }

    /// Whether the challenger takes the champion's place.
    public var isPromoted: Bool
    /// Closed buckets for which it runs in the shadow first; `nil` where it does not.
    public var shadow: Int?
    /// Why, each a sentence.
    public var reasons: [String]
    /// All series together; `nil` where nothing could be compared.
    public var overall: Comparison?
    /// The segments large enough to be judged, worst first.
    public var segments: [Comparison]
    /// Series of the challenger that could not be compared: new, too short, or of models that are tried no more.
    public var uncompared: Int

    /// A verdict.
    public init(
        isPromoted: Bool, reasons: [String], overall: Comparison? = nil, segments: [Comparison] = [],
        uncompared: Int = 0
    ) {
        self.isPromoted = isPromoted
        self.reasons = reasons
        self.overall = overall
        self.segments = segments
        self.uncompared = uncompared
    }
}
