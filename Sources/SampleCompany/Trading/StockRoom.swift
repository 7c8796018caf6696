/// The stock of one item at one site: reviewed twice a week, ordered up to a target, received after a lead time.
struct StockRoom: Sendable {
    /// Units on the shelf.
    private(set) var onHand = 0
    /// Units ordered and not yet received.
    var onOrder: Int { deliveries.reduce(0) { $0 + $1.quantity } }

    private var deliveries: [(arrival: Int, quantity: Int)] = []
    /// Stretches of days in which the supplier delivers nothing.
    private let disruptions: [ClosedRange<Int>]
    private let leadTime: (days: Double, deviation: Double)
    private let packSize: Int

    /// An empty shelf whose supplier fails now and then, over a history that ends on day `lastIndex`.
    init(plan: SeriesPlan, lastIndex: Int, random: inout RandomSource) {
        leadTime = plan.item.category.leadTime
        packSize = plan.item.packSize
        var disruptions: [ClosedRange<Int>] = []
        for chance in [0.35, 0.1] where random.happens(chance) {
            let start = random.integer(in: 20...lastIndex - 20)
            disruptions.append(start...start + random.integer(in: 15...32) + Int(leadTime.days / 2))
        }
        // A few shelves are empty on the day the history ends.
        if random.happens(0.025) { disruptions.append((lastIndex - 26)...(lastIndex + 9)) }
        self.disruptions = disruptions
    }

    /// Takes in what arrives on a day.
    mutating func receive(on index: Int) {
        for delivery in deliveries where delivery.arrival <= index { onHand += delivery.quantity }
        deliveries.removeAll { $0.arrival <= index }
    }

    /// Takes units off the shelf, as many as there are; returns how many.
    mutating func ship(_ quantity: Int) -> Int {
        let shipped = min(quantity, onHand)
        onHand -= shipped
        return shipped
    }

    /// Fills the shelf at once, as on the first day of the history.
    mutating func fill(plan: SeriesPlan, on index: Int) { onHand = target(plan: plan, on: index) }

    /// Orders up to the target.
    mutating func review(plan: SeriesPlan, on index: Int, random: inout RandomSource) {
        let missing = target(plan: plan, on: index) - onHand - onOrder
        guard missing > 0 else { return }
        let packs = (missing + packSize - 1) / packSize
        let days = max(1, Int((leadTime.days + leadTime.deviation * random.normal()).rounded()))
        var arrival = index + days
        for disruption in disruptions where disruption.contains(arrival) { arrival = disruption.upperBound + 1 }
        deliveries.append((arrival, packs * packSize))
    }

    /// Expected demand over lead time and review, and 1.65 standard deviations.
    ///
    /// The planner knows promotions and seasons but not how the level wanders, which counts as 12 % of the demand.
    private func target(plan: SeriesPlan, on index: Int) -> Int {
        let end = min(index + Int(leadTime.days.rounded(.up)) + 5, plan.life.upperBound + 1)
        guard index < end else { return 0 }
        var expected = 0.0
        var variance = 0.0
        for mean in plan.means[index..<end] {
            expected += mean * plan.arrival.unitsPerCount
            variance += plan.arrival.variance(mean: mean)
        }
        let daily = expected / Double(end - index)
        variance += (0.12 * expected) * (0.12 * expected)
        variance += (daily * leadTime.deviation) * (daily * leadTime.deviation)
        return Int((expected + 1.65 * variance.squareRoot()).rounded(.up))
    }
}
