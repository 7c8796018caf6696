/// An order line as somebody typed it in by hand, with a mistake that an import must reject.
struct BadLine: Sendable {
    /// Days between it and the last of the history.
    let daysBack: Int
    private let changes: [String: String]

    /// All of them; each breaks one rule.
    static let all = [
        BadLine(daysBack: 31, changes: ["item_id": ""]),
        BadLine(daysBack: 28, changes: ["quantity": "abc"]),
        BadLine(daysBack: 25, changes: ["ordered_at": "2026-02-30"]),
        BadLine(daysBack: 22, changes: ["quantity": "NaN"]),
        BadLine(daysBack: 19, changes: ["quantity": "-12"]),
        BadLine(daysBack: 16, changes: ["site_id": ""]),
        BadLine(daysBack: 13, changes: ["status": "shipped"]),
        BadLine(daysBack: 10, changes: ["quantity": "12개"]),
        BadLine(daysBack: 7, changes: ["requested_on": "14/03/2026"]),
        BadLine(daysBack: 4, changes: ["status": "cancelled", "cancel_reason": "변심"]),
    ]

    /// The record's fields, in the order of the file's columns.
    func fields(day: String) -> [String] {
        let usual = [
            "order_id": "MANUAL-\(daysBack)", "line_no": "1", "item_id": "A1001", "site_id": "ICN",
            "customer_id": "K1102", "ordered_at": "\(day)T11:05:00+09:00", "quantity": "12", "unit_price": "1930",
            "status": "ordered",
        ]
        return TradingFiles.orderColumns.map { changes[$0] ?? usual[$0] ?? "" }
    }
}
