internal import TimeSeries

/// Three years of trade, drawn day by day and handed out as it goes, so that memory does not grow with the history.
struct TradingHistory: Sendable {
    /// Days in the history.
    static let dayCount = 1096
    /// Days planned beyond its end, for orders already placed and promotions already decided.
    static let daysAhead = 100

    /// The days of the history and those planned.
    let calendar: TradingCalendar
    /// The place of the history's last day in the calendar.
    let lastIndex = dayCount - 1
    /// Every item at every site that sells it.
    let plans: [SeriesPlan]
    /// Every promotion decided on by the last day, by item and then by day.
    let promotions: [Promotion]
    /// Every closure announced by the last day.
    let closures: [Closure]
    private let seed: UInt64

    /// The history of one company, up to and including a day.
    init(seed: UInt64, endingOn lastDay: CivilDate) {
        self.seed = seed
        let first = CivilDate(daysSinceEpoch: lastDay.daysSinceEpoch - TradingHistory.dayCount + 1)
        let end = CivilDate(daysSinceEpoch: lastDay.daysSinceEpoch + TradingHistory.daysAhead)
        let calendar = TradingCalendar(from: first, through: end)
        let closuresBySite = Site.all.map { Closure.plan(for: $0, from: first, through: end) }
        var plans: [SeriesPlan] = []
        var promotions: [Promotion] = []
        for (itemIndex, item) in Item.all.enumerated() {
            let life = item.pattern.life
            let itemFirst = life.introduced.map { CivilDate(daysSinceEpoch: lastDay.daysSinceEpoch - $0) } ?? first
            let itemEnd = life.discontinued.map { CivilDate(daysSinceEpoch: lastDay.daysSinceEpoch - $0 - 14) } ?? end
            let own = Promotion.plan(
                for: item, from: max(first, itemFirst), through: min(itemEnd, end), seed: seed)
            promotions += own
            for (siteIndex, site) in Site.all.enumerated() where item.siteIDs.contains(site.id) {
                plans.append(
                    SeriesPlan(
                        itemIndex: itemIndex, siteIndex: siteIndex, calendar: calendar,
                        lastIndex: TradingHistory.dayCount - 1, promotions: own, closures: closuresBySite[siteIndex],
                        seed: seed))
            }
        }
        self.calendar = calendar
        self.plans = plans
        self.promotions = promotions.filter { $0.knownFrom <= lastDay }
        closures = closuresBySite.flatMap { $0 }.filter { $0.knownFrom <= lastDay }
    }

    /// Draws the whole history.
    ///
    /// - Parameters:
    ///   - count: takes the opening stock of a series on a day.
    ///   - order: takes the orders of a day, by time; called once for each day of the history, in order.
    func run(
        count: (_ series: SeriesPlan, _ index: Int, _ onHand: Int, _ onOrder: Int) throws -> Void,
        order: (_ index: Int, _ orders: [Order]) throws -> Void
    ) rethrows {
        var trades = plans.map { SeriesTrade(plan: $0, lastIndex: lastIndex, seed: seed) }
        var desks = Site.all.indices.map { OrderDesk(siteIndex: $0, calendar: calendar, seed: seed) }
        let contracts = ContractOrders(plans: plans, calendar: calendar, lastIndex: lastIndex, seed: seed)
        var book = OrderBook()
        for index in 0...(lastIndex + OrderBook.longestNotice) {
            let day = calendar.days[index]
            for series in trades.indices {
                let stock = trades[series].open(day, index: index)
                if let stock, index <= lastIndex {
                    try count(plans[series], index, stock.onHand, stock.onOrder)
                }
                var wishes = trades[series].trade(on: day, index: index)
                if let quantity = contracts.quantity(series: series, on: index), (stock?.onHand ?? 0) > 0,
                    let customer = wishes.first?.customerIndex
                {
                    let price = plans[series].price(on: index, lastIndex: lastIndex)
                    wishes.append(
                        SeriesTrade.Wish(
                            customerIndex: customer,
                            line: Order.Line(
                                itemIndex: plans[series].itemIndex, quantity: quantity, shipped: quantity,
                                price: price)))
                }
                for wish in wishes { desks[plans[series].siteIndex].add(wish) }
            }
            for site in desks.indices { desks[site].close(day: index, into: &book) }
            let complete = index - OrderBook.longestNotice
            if complete >= 0 { try order(complete, book.close(day: complete)) }
        }
    }
}
