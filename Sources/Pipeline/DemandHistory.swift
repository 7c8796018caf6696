public import TimeSeries

/// What is known of one grain before its series is built: demand and stock by local day.
public struct DemandHistory: Sendable {
    /// The grain.
    public var key: SeriesKey
    /// Local days with order lines, ascending, as days since 1970-01-01 (for hourly buckets, hours since).
    public var instants: [Int]
    /// Demand on each of `instants`, in base units.
    public var quantities: [Double]
    /// First day the item could be ordered, where known.
    public var introduced: CivilDate?
    /// First day the site (any site, where the grain is the item alone) had an order of any item, where known: nothing
    /// is known of demand before it.
    public var opened: CivilDate?
    /// Last day it could be ordered, where known.
    public var discontinued: CivilDate?
    /// The item's category, where known.
    public var category: String?
    /// Whether it is said to be like another item, so that it can be forecast with no history at all.
    public var isLike: Bool
    /// Local days with a stock count, ascending, as days since 1970-01-01; of daily demand at a site those on which a count
    /// found nothing are enough.
    public var stockDays: [Int]
    /// The highest stock counted on each of `stockDays`.
    public var stock: [Double]
    /// Local times in which nothing was on the shelf, ascending, in days since 1970-01-01.
    public var outages: [Range<Double>]

    /// The history of one grain; `instants` and `quantities`, and `stockDays` and `stock`, have the same count.
    public init(
        key: SeriesKey, instants: [Int], quantities: [Double], introduced: CivilDate? = nil,
        opened: CivilDate? = nil, discontinued: CivilDate? = nil, category: String? = nil, isLike: Bool = false,
        stockDays: [Int] = [],
        stock: [Double] = [], outages: [Range<Double>] = []
    ) {
        precondition(instants.count == quantities.count && stockDays.count == stock.count)
        self.key = key
        self.instants = instants
        self.quantities = quantities
        self.introduced = introduced
        self.opened = opened
        self.discontinued = discontinued
        self.category = category
        self.isLike = isLike
        self.stockDays = stockDays
        self.stock = stock
        self.outages = outages
    }
}
