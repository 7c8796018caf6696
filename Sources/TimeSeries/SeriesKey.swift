/// The grain of one series: which item, where, for whom.
public struct SeriesKey: Sendable, Hashable, Comparable, Codable {
    /// What is demanded.
    public var item: String
    /// Where it is demanded; `nil` where the grain is the item alone.
    public var site: String?
    /// Who demands it; `nil` unless the grain includes customers.
    public var customer: String?

    /// The key of an item, and optionally of a site and a customer.
    public init(item: String, site: String? = nil, customer: String? = nil) {
        self.item = item
        self.site = site
        self.customer = customer
    }

    /// Orders by item, then site, then customer, comparing bytes; a missing part comes first.
    public static func < (lhs: SeriesKey, rhs: SeriesKey) -> Bool {
        (lhs.item, lhs.site ?? "", lhs.customer ?? "") < (rhs.item, rhs.site ?? "", rhs.customer ?? "")
    }
}
