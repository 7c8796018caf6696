internal import TimeSeries

/// Writes what changes daily: stock counts and order lines.
struct TradingFiles {
    /// What they are about.
    let history: TradingHistory

    /// The columns of the orders file.
    static let orderColumns = [
        "order_id", "line_no", "item_id", "site_id", "customer_id", "ordered_at", "requested_on", "quantity",
        "quantity_shipped", "unit_price", "status", "cancel_reason",
    ]

    /// Writes the stock file and the orders file in one pass over the history.
    func write(to folder: String) throws -> [SampleFile] {
        let stock = try RecordFile(
            "stock", in: folder, columns: ["item_id", "site_id", "as_of", "on_hand", "on_order"])
        let orders = try RecordFile("orders", in: folder, columns: TradingFiles.orderColumns)
        let days = history.calendar.days.map(\.date.description)
        let itemIDs = Item.all.map(\.id)
        let siteIDs = Site.all.map(\.id)
        let customerIDs = Customer.all.map(\.id)
        var orderNumber = 0

        try history.run { series, index, onHand, onOrder in
            try stock.write([
                itemIDs[series.itemIndex], siteIDs[series.siteIndex], days[index], String(onHand), String(onOrder),
            ])
        } order: { index, dayOrders in
            for order in dayOrders {
                orderNumber += 1
                let orderID = "SO-\(padded(orderNumber, 6))"
                let orderedAt = "\(days[index])T\(timeText(order.second))+09:00"
                for (place, line) in order.lines.enumerated() {
                    let (status, reason) = statusTexts(line.status)
                    try orders.write([
                        orderID, String(place + 1), itemIDs[line.itemIndex], siteIDs[order.siteIndex],
                        order.customerIndex.map { customerIDs[$0] } ?? "", orderedAt,
                        order.requestedOn.map { days[$0] } ?? "", String(line.quantity),
                        line.shipped.map { String($0) } ?? "", String(line.price), status, reason,
                    ])
                }
            }
            for line in BadLine.all where history.lastIndex - line.daysBack == index {
                try orders.write(line.fields(day: days[index]))
            }
        }
        return [try stock.finish(), try orders.finish()]
    }

    private func statusTexts(_ status: Order.Line.Status) -> (status: String, reason: String) {
        switch status {
        case .ordered: ("ordered", "")
        case .cancelled(let reason): ("cancelled", reason)
        case .returned: ("return", "")
        case .internal: ("internal", "")
        }
    }

    private func timeText(_ second: Int) -> String {
        "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
