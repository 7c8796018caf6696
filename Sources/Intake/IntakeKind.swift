/// What a file holds.
public enum IntakeKind: String, Sendable, CaseIterable {
    case orders, stock, items, sites, customers, events, holidays
    case leadTimes = "lead-times"
    case lineage, units
    case likeItems = "like-items"
    case movements
}

/// One column that a file of some kind may have.
public struct IntakeColumn: Sendable, Hashable {
    /// What its values must look like.
    public enum ValueType: String, Sendable {
        /// Any text.
        case text
        /// A number.
        case number
        /// A whole number.
        case integer
        /// A local day.
        case date
        /// An instant; without an offset, local time at the site.
        case timestamp
    }

    /// Its name in the header.
    public var name: String
    /// What its values must look like.
    public var type: ValueType
    /// Whether each record must have it.
    public var isRequired: Bool
    /// The only values allowed; empty means any.
    public var choices: [String]
    /// What it means.
    public var meaning: String

    init(
        _ name: String, _ type: ValueType = .text, required: Bool = false, choices: [String] = [], _ meaning: String
    ) {
        self.name = name
        self.type = type
        isRequired = required
        self.choices = choices
        self.meaning = meaning
    }
}

extension IntakeKind {
    /// The columns of Suyo's own layout, which is also what a mapping maps to.
    public var columns: [IntakeColumn] {
        switch self {
        case .orders:
            [
                IntakeColumn("order_id", required: true, "number of the order"),
                IntakeColumn("line_no", .integer, "line within the order; counted in file order where left out"),
                IntakeColumn("item_id", required: true, "what was ordered"),
                IntakeColumn("site_id", required: true, "where from"),
                IntakeColumn("customer_id", .text, "for whom"),
                IntakeColumn("ordered_at", .timestamp, required: true, "when it was ordered"),
                IntakeColumn("requested_on", .date, "day it was wanted"),
                IntakeColumn("quantity", .number, required: true, "quantity ordered"),
                IntakeColumn("quantity_shipped", .number, "quantity shipped"),
                IntakeColumn("unit_price", .number, "price of one unit"),
                IntakeColumn("unit", .text, "unit of quantities and price; the item's base unit where left out"),
                IntakeColumn(
                    "status", choices: ["ordered", "cancelled", "return", "internal"], "ordered where left out"),
                IntakeColumn(
                    "cancel_reason", choices: ["customer", "supplier", "stock-out", "duplicate"],
                    "why a cancelled line was cancelled"),
                IntakeColumn("item_name", .text, "name of the item, for items not declared otherwise"),
            ]
        case .stock:
            [
                IntakeColumn("item_id", required: true, "which item"),
                IntakeColumn("site_id", required: true, "where"),
                IntakeColumn("as_of", .timestamp, required: true, "when it was counted; a day is its opening"),
                IntakeColumn("on_hand", .number, required: true, "quantity on the shelf"),
                IntakeColumn("on_order", .number, "quantity ordered from suppliers"),
                IntakeColumn("reserved", .number, "quantity promised to customers"),
                IntakeColumn("unit", .text, "unit of these; the item's base unit where left out"),
            ]
        case .items:
            [
                IntakeColumn("item_id", required: true, "code of the item"),
                IntakeColumn("name", .text, "what people call it"),
                IntakeColumn("category", .text, "group it belongs to"),
                IntakeColumn("unit", .text, "base unit of all quantities"),
                IntakeColumn("introduced_on", .date, "first day it could be ordered"),
                IntakeColumn("discontinued_on", .date, "last day it could be ordered"),
                IntakeColumn("unit_cost", .number, "cost of one base unit"),
                IntakeColumn("pack_size", .number, "base units in the smallest pack"),
            ]
        case .sites:
            [
                IntakeColumn("site_id", required: true, "code of the site"),
                IntakeColumn("name", .text, "what people call it"),
                IntakeColumn("time_zone", .text, "IANA zone in which its days are cut; UTC where left out"),
            ]
        case .customers:
            [
                IntakeColumn("customer_id", required: true, "code of the customer"),
                IntakeColumn("name", .text, "what people call them"),
            ]
        case .events:
            [
                IntakeColumn("event_id", required: true, "code of the event"),
                IntakeColumn("name", .text, "what people call it"),
                IntakeColumn(
                    "kind", choices: ["promotion", "price", "closure", "other"], "other where left out"),
                IntakeColumn("item_id", .text, "item it touches; all where left out"),
                IntakeColumn("site_id", .text, "site it touches; all where left out"),
                IntakeColumn("starts_on", .date, required: true, "first day"),
                IntakeColumn("ends_on", .date, required: true, "last day"),
                IntakeColumn("known_from", .date, "day it became known"),
                IntakeColumn("value", .number, "its size: discount, price or other measure"),
            ]
        case .holidays:
            [
                IntakeColumn("calendar", required: true, "name of the calendar, such as KR"),
                IntakeColumn("date", .date, required: true, "the day"),
                IntakeColumn("name", required: true, "what it is"),
                IntakeColumn(
                    "kind", choices: ["public", "substitute", "election", "one-off"], "why it is a day off"),
                IntakeColumn("note", .text, "what else is known of it"),
            ]
        case .leadTimes:
            [
                IntakeColumn("item_id", required: true, "which item"),
                IntakeColumn("site_id", .text, "received where; every site where left out"),
                IntakeColumn("supplier", .text, "from whom; any where left out"),
                IntakeColumn("days", .number, required: true, "mean days from order to receipt"),
                IntakeColumn("days_sd", .number, "standard deviation in days"),
                IntakeColumn("valid_from", .date, "first day the figure holds"),
            ]
        case .units:
            [
                IntakeColumn("item_id", .text, "of which item; of every other one where left out"),
                IntakeColumn("unit", required: true, "the unit, as orders and stock name it"),
                IntakeColumn("factor", .number, required: true, "base units in one of it"),
                IntakeColumn("valid_from", .date, "first day the figure holds"),
            ]
        case .movements:
            [
                IntakeColumn("movement_id", required: true, "number of the movement in the ledger"),
                IntakeColumn("item_id", required: true, "which item"),
                IntakeColumn("site_id", required: true, "where"),
                IntakeColumn("moved_at", .timestamp, required: true, "when it came or went"),
                IntakeColumn("quantity", .number, required: true, "how much came, or negative: went"),
                IntakeColumn("unit", .text, "unit of the quantity; the item's base unit where left out"),
            ]
        case .likeItems:
            [
                IntakeColumn("item_id", required: true, "the new item"),
                IntakeColumn("like_item_id", required: true, "one whose demand its own is expected to be like"),
                IntakeColumn(
                    "factor", .number, "how much it is expected to sell for each unit of that one; 1 where left out"),
            ]
        case .lineage:
            [
                IntakeColumn("predecessor_id", required: true, "code that was replaced"),
                IntakeColumn("item_id", required: true, "code that replaced it"),
                IntakeColumn(
                    "factor", .number, "base units of the new one that one of the old stands for; 1 where left out"),
            ]
        }
    }
}
