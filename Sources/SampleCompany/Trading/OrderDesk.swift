/// Turns a day's wishes at one site into orders: who orders what together, when, and what goes wrong with it.
struct OrderDesk: Sendable {
    private let siteIndex: Int
    private let calendar: TradingCalendar
    private var random: RandomSource
    /// Lines of the day by customer.
    private var drafts: [[Order.Line]]

    /// The desk of one site.
    init(siteIndex: Int, calendar: TradingCalendar, seed: UInt64) {
        self.siteIndex = siteIndex
        self.calendar = calendar
        random = RandomSource(seed: seed, name: "desk of \(Site.all[siteIndex].id)")
        drafts = Array(repeating: [], count: Customer.all.count)
    }

    /// Notes one wish of the day, and now and then a line that is cancelled or entered twice.
    mutating func add(_ wish: SeriesTrade.Wish) {
        drafts[wish.customerIndex].append(wish.line)
        guard wish.line.status == .ordered else { return }
        if random.happens(0.01) {
            var line = wish.line
            line.shipped = 0
            if random.happens(0.07) {
                line.status = .cancelled(reason: "duplicate")
            } else {
                line.status = .cancelled(reason: "customer")
                line.quantity = max(1, Int((Double(line.quantity) * (0.5 + random.uniform())).rounded()))
            }
            drafts[wish.customerIndex].append(line)
        }
    }

    /// Places the orders wanted on a day, and the returns and internal withdrawals that follow from it.
    mutating func close(day index: Int, into book: inout OrderBook) {
        for customerIndex in drafts.indices where !drafts[customerIndex].isEmpty {
            let lines = drafts[customerIndex]
            drafts[customerIndex].removeAll(keepingCapacity: true)
            let customer = Customer.all[customerIndex]
            let placedOn = customer.ordersByBatch ? index : placingDay(for: customer, wantedOn: index)
            let isStated = placedOn != index || random.happens(0.3)
            book.place(
                Order(
                    placedOn: placedOn, second: timeOfDay(of: customer), requestedOn: isStated ? index : nil,
                    siteIndex: siteIndex, customerIndex: customerIndex, lines: lines))
            if random.happens(0.012), let line = lines.first, (line.shipped ?? 0) > 0 {
                giveBack(line, of: customerIndex, boughtOn: index, into: &book)
            }
            if random.happens(0.002), let line = lines.last, line.status == .ordered {
                withdraw(line, on: index, into: &book)
            }
        }
    }

    /// The day on which a customer orders what is wanted on a day: so many working days before.
    private mutating func placingDay(for customer: Customer, wantedOn index: Int) -> Int {
        var notice = customer.usualNotice
        let chance = random.uniform()
        if chance < 0.25 { notice = 0 } else if chance > 0.85 { notice += 1 }
        var placedOn = index
        while notice > 0 {
            placedOn -= 1
            guard placedOn >= 0, index - placedOn <= OrderBook.longestNotice else { return index }
            if calendar.days[placedOn].isWorkingDay { notice -= 1 }
        }
        return placedOn
    }

    /// A second of the working day, from eight to five, mostly mid-morning; batches come at half past five exactly.
    private mutating func timeOfDay(of customer: Customer) -> Int {
        if customer.ordersByBatch { return 17 * 3600 + 1800 }
        let middle = random.happens(0.6) ? 10.2 : 14.8
        let hour = middle + 1.3 * random.normal()
        return Int((hour >= 8 && hour < 17 ? hour : 8 + 9 * random.uniform()) * 3600)
    }

    private mutating func giveBack(
        _ line: Order.Line, of customerIndex: Int, boughtOn index: Int, into book: inout OrderBook
    ) {
        var returned = line
        returned.quantity = -random.integer(in: 1...max(1, (line.shipped ?? 1) / 3))
        returned.shipped = nil
        returned.status = .returned
        book.place(
            Order(
                placedOn: index + random.integer(in: 2...12), second: 13 * 3600 + random.integer(in: 0...7199),
                siteIndex: siteIndex, customerIndex: customerIndex, lines: [returned]))
    }

    private mutating func withdraw(_ line: Order.Line, on index: Int, into book: inout OrderBook) {
        var sample = line
        sample.quantity = -random.integer(in: 1...3)
        sample.shipped = nil
        sample.status = .internal
        book.place(
            Order(
                placedOn: index, second: 9 * 3600 + random.integer(in: 0...3599), siteIndex: siteIndex,
                lines: [sample]))
    }
}
