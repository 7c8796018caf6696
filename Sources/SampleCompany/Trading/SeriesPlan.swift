#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif
internal import TimeSeries

/// What is decided for one item at one site before a day is drawn: its mean demand and its price on each day.
struct SeriesPlan: Sendable {
    /// The item's place in the catalogue.
    let itemIndex: Int
    /// The site's place among the sites.
    let siteIndex: Int
    /// Mean of the counts that `arrival` draws, by day of the calendar.
    let means: [Double]
    /// Share off the price, by day of the calendar.
    let discounts: [Double]
    /// The days of the calendar on which the item is in the catalogue.
    let life: ClosedRange<Int>

    /// The item.
    var item: Item { Item.all[itemIndex] }
    /// How units arrive.
    var arrival: DemandPattern.Arrival { item.pattern.arrival }
    /// What names the series' random source.
    var name: String { "\(item.id) \(Site.all[siteIndex].id)" }

    /// A plan over a whole calendar.
    ///
    /// - Parameters:
    ///   - lastIndex: the last day of the history.
    ///   - promotions: those of the item.
    ///   - closures: those of the site.
    init(
        itemIndex: Int, siteIndex: Int, calendar: TradingCalendar, lastIndex: Int, promotions: [Promotion],
        closures: [Closure], seed: UInt64
    ) {
        self.itemIndex = itemIndex
        self.siteIndex = siteIndex
        let item = Item.all[itemIndex]
        let site = Site.all[siteIndex]
        var random = RandomSource(seed: seed, name: "plan of \(item.id) \(site.id)")
        let count = calendar.days.count
        let first = calendar.first.daysSinceEpoch

        var discounts = [Double](repeating: 0, count: count)
        var isAfter = [Bool](repeating: false, count: count)
        for promotion in promotions where promotion.siteID == nil || promotion.siteID == site.id {
            let start = promotion.startsOn.daysSinceEpoch - first
            let end = promotion.endsOn.daysSinceEpoch - first
            for index in max(start, 0)...max(end + 7, 0) where index < count {
                if index <= end { discounts[index] = promotion.discount } else { isAfter[index] = true }
            }
        }

        // No site sells quite what its size says.
        var pattern = item.pattern
        pattern.level *= exp(0.15 * random.normal())
        switch pattern.arrival {
        case .steady: pattern.level *= site.scale
        case .sporadic, .lumpy: pattern.level *= site.scale.squareRoot()
        }
        pattern.growth += 0.04 * random.normal()
        means = calendar.days.enumerated().map { index, day in
            if closures.contains(where: { $0.holds(on: day.date) }) { return 0 }
            return pattern.mean(
                on: day, daysBack: lastIndex - index, discount: discounts[index], isAfterPromotion: isAfter[index])
        }
        self.discounts = discounts
        let start = pattern.life.introduced.map { max(0, lastIndex - $0) } ?? 0
        let end = pattern.life.discontinued.map { min(count - 1, lastIndex - $0) } ?? count - 1
        life = start...end
    }

    /// Price of one unit in won on a day, rounded to ten: a third above cost, 3 % dearer each year, less the discount.
    func price(on index: Int, lastIndex: Int) -> Int {
        let years = (Double(lastIndex - index) / 365).rounded(.down)
        let full = Double(item.cost) * 1.33 * pow(1.03, -years)
        return max(10, Int((full * (1 - discounts[index]) / 10).rounded()) * 10)
    }
}
