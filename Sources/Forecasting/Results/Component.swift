/// One part of a forecast mean; all components of a series, added in their order, give the mean exactly.
public struct Component: Sendable, Codable, Hashable {
    /// `level`, `trend`, `season`, `calendar`, `holiday`, `event`, `start` (of a new item), `adjustment` (what holds the
    /// mean at 0 or above) or `reconciliation` (what makes it agree with its totals).
    public var name: String
    /// The part's value per step, in the unit of demand.
    public var values: [Double]

    /// A named part.
    public init(name: String, values: [Double]) {
        self.name = name
        self.values = values
    }
}
