/// Holds orders until every order of their day is known, and hands them out in the order they were placed.
///
/// Demand is drawn for the day it is wanted, and may have been ordered up to ``longestNotice`` days before.
struct OrderBook: Sendable {
    /// The most days between placing an order and the day it is wanted.
    static let longestNotice = 14

    private var waiting: [Int: [Order]] = [:]

    /// Takes in an order.
    mutating func place(_ order: Order) { waiting[order.placedOn, default: []].append(order) }

    /// The orders placed on a day, by time of day.
    mutating func close(day: Int) -> [Order] {
        (waiting.removeValue(forKey: day) ?? []).enumerated().sorted {
            ($0.element.second, $0.offset) < ($1.element.second, $1.offset)
        }.map(\.element)
    }
}
