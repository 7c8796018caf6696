/// One order as it goes into the file, days counted from the first of the calendar.
struct Order: Sendable {
    /// One of its lines.
    struct Line: Sendable {
        /// What it counts as.
        enum Status: Sendable, Equatable {
            case ordered
            case cancelled(reason: String)
            case returned
            case `internal`
        }

        /// The item's place in the catalogue.
        var itemIndex: Int
        /// Units ordered; negative where they came back.
        var quantity: Int
        /// Units shipped; `nil` where it is not yet known.
        var shipped: Int?
        /// Price of one unit in won.
        var price: Int
        /// What it counts as.
        var status = Status.ordered
    }

    /// Day it was placed.
    var placedOn: Int
    /// Second of that day.
    var second: Int
    /// Day it is wanted; `nil` is the day it was placed.
    var requestedOn: Int?
    /// The site's place among the sites.
    var siteIndex: Int
    /// The customer's place among the customers; `nil` for the company itself.
    var customerIndex: Int?
    /// What is ordered.
    var lines: [Line]
}
