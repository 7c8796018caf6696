/// One item at one site, day after day: orders arrive after a lead time that varies, and what is not there is owed.
struct SimulatedShelf {
    /// On the shelf, less what is owed.
    private(set) var net: Double
    /// What is on its way.
    var onOrder: Double { deliveries.reduce(0) { $0 + $1.quantity } }
    /// Order cycles that ended, one for each review, and those among them at whose end nothing was owed.
    private(set) var cycles = (all: 0, served: 0)
    /// What was wanted, and what was handed out at once.
    private(set) var units = (wanted: 0.0, served: 0.0)

    private var deliveries: [(arrival: Int, quantity: Double)] = []

    /// A shelf that holds so much.
    init(holding quantity: Double) { net = quantity }

    /// Orders on a day, maybe nothing.
    mutating func order(_ quantity: Double, on day: Int, arrivingAfter days: Int) {
        deliveries.append((day + days, quantity))
    }

    /// Lives through a day: a cycle ends just before what was ordered for it arrives; then the day's demand is met.
    mutating func pass(_ day: Int, demand: Double) {
        for delivery in deliveries where delivery.arrival == day {
            cycles.all += 1
            if net >= 0 { cycles.served += 1 }
            net += delivery.quantity
        }
        deliveries.removeAll { $0.arrival == day }
        units.wanted += demand
        units.served += min(max(net, 0), demand)
        net -= demand
    }
}
