/// The few large orders that come once and not again.
struct ContractOrders: Sendable {
    /// Units by day and series, where there are any.
    private var quantities: [Int: [Int: Int]] = [:]

    /// About three a year, each of two to four weeks' usual demand at a series that sells steadily.
    init(plans: [SeriesPlan], calendar: TradingCalendar, lastIndex: Int, seed: UInt64) {
        var random = RandomSource(seed: seed, name: "contract orders")
        let steady = plans.indices.filter {
            if case .steady = plans[$0].arrival { plans[$0].item.pattern.level >= 20 } else { false }
        }
        while quantities.count < 9 {
            let series = steady[random.integer(in: 0...steady.count - 1)]
            let index = random.integer(in: 30...lastIndex - 30)
            let usual = plans[series].item.pattern.level * Site.all[plans[series].siteIndex].scale
            let quantity = (usual * Double(random.integer(in: 10...20)) / 10).rounded() * 10
            guard plans[series].life.contains(index), calendar.days[index].isWorkingDay else { continue }
            quantities[index, default: [:]][series] = Int(quantity)
        }
    }

    /// The contract quantity of a series on a day; it comes straight from the supplier, not off the shelf.
    func quantity(series: Int, on index: Int) -> Int? { quantities[index]?[series] }
}
