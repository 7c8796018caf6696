#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// One item at one site, day after day: what is wanted, and what the shelf can give.
struct SeriesTrade: Sendable {
    /// What is wanted of the series on a day by one customer.
    struct Wish: Sendable {
        /// The customer's place among the customers.
        var customerIndex: Int
        /// The line it becomes.
        var line: Order.Line
    }

    /// What was decided beforehand.
    let plan: SeriesPlan
    /// Its shelf.
    private(set) var stock: StockRoom
    /// Those who may order it, the largest first.
    private let customers: [Int]
    private let lastIndex: Int
    private var random: RandomSource
    /// By how much, as a logarithm, demand strays from its plan for weeks on end.
    private var wander = 0.0

    /// A series at the start of its history.
    init(plan: SeriesPlan, lastIndex: Int, seed: UInt64) {
        self.plan = plan
        self.lastIndex = lastIndex
        random = RandomSource(seed: seed, name: plan.name)
        stock = StockRoom(plan: plan, lastIndex: lastIndex, random: &random)
        let siteID = Site.all[plan.siteIndex].id
        let segment = plan.item.pattern.segment
        customers = Customer.all.indices.filter {
            Customer.all[$0].siteID == siteID && Customer.all[$0].segment == segment
        }
    }

    /// Begins a day: deliveries come in; returns the stock to be counted, `nil` where the item is not sold.
    mutating func open(_ day: TradingCalendar.Day, index: Int) -> (onHand: Int, onOrder: Int)? {
        guard plan.life.contains(index) else { return nil }
        if day.weekday == 0 { wander = 0.85 * wander + 0.06 * random.normal() }
        if index == plan.life.lowerBound { stock.fill(plan: plan, on: index) }
        if day.isWorkingDay { stock.receive(on: index) }
        return (stock.onHand, stock.onOrder)
    }

    /// The lines wanted on a day that was opened.
    ///
    /// With an empty shelf about a third of what is asked for is booked, as cancelled for want of stock, and the rest is
    /// never heard of. After the history's last day nobody knows yet what can be shipped.
    mutating func trade(on day: TradingCalendar.Day, index: Int) -> [Wish] {
        guard plan.life.contains(index) else { return [] }
        let wasEmpty = stock.onHand == 0
        var wishes: [Wish] = []
        for units in plan.arrival.draw(mean: plan.means[index] * exp(wander), random: &random) {
            for (customer, quantity) in split(units) {
                var line = Order.Line(
                    itemIndex: plan.itemIndex, quantity: quantity, price: plan.price(on: index, lastIndex: lastIndex))
                if index <= lastIndex {
                    if wasEmpty {
                        guard random.happens(0.35) else { continue }
                        line.status = .cancelled(reason: "stock-out")
                    }
                    line.shipped = stock.ship(quantity)
                }
                wishes.append(Wish(customerIndex: customer, line: line))
            }
        }
        if (day.weekday == 0 || day.weekday == 3) && !day.isHoliday {
            stock.review(plan: plan, on: index, random: &random)
        }
        return wishes
    }

    /// Shares units out among customers, the larger ones more often.
    private mutating func split(_ units: Int) -> [(customer: Int, quantity: Int)] {
        let isOne = if case .steady = plan.arrival { false } else { true }
        let wanted = isOne ? 1 : 1 + random.poisson(mean: min(1.8, Double(units) / 30))
        var candidates = customers
        var rest = units
        var shares: [(customer: Int, quantity: Int)] = []
        for left in stride(from: min(wanted, candidates.count, units), to: 0, by: -1) {
            let customer = candidates.remove(at: choose(among: candidates))
            let share = Double(rest) / Double(left) * (0.5 + random.uniform())
            let quantity = left == 1 ? rest : min(max(Int(share.rounded()), 1), rest - left + 1)
            shares.append((customer, quantity))
            rest -= quantity
        }
        return shares
    }

    private mutating func choose(among candidates: [Int]) -> Int {
        var point = random.uniform() * candidates.reduce(0) { $0 + Customer.all[$1].weight }
        for (place, customer) in candidates.enumerated() {
            point -= Customer.all[customer].weight
            if point < 0 { return place }
        }
        return candidates.count - 1
    }
}
