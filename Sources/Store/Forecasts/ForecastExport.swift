internal import PostgresClient

/// Hands out everything that is current, streamed, so that a million series need no more memory than ten.
public struct ForecastExport: Sendable {
    /// How rows are written.
    public enum Format: String, Sendable, CaseIterable {
        /// A header and comma-separated rows.
        case csv
        /// One array of objects.
        case json
    }

    private let database: Database

    /// An export of one database.
    public init(database: Database) { self.database = database }

    /// Gives the text of `forecast.current` to `body` in pieces, ordered by item, site, customer and step.
    public func write(_ format: Format, to body: @escaping @Sendable ([UInt8]) throws -> Void) async throws {
        let order = "ORDER BY item_id, site_id, customer_id, frequency, step"
        try await database.transaction { connection in
            switch format {
            case .csv:
                try await connection.copyOut(
                    "COPY (SELECT * FROM forecast.current \(order)) TO STDOUT (FORMAT csv, HEADER true)", body)
            case .json:
                try body(Array("[\n".utf8))
                var isFirst = true
                try await connection.copyOut(
                    "COPY (SELECT pg_catalog.row_to_json(f) FROM (SELECT * FROM forecast.current \(order)) AS f) TO STDOUT"
                ) { chunk in
                    var bytes: [UInt8] = []
                    bytes.reserveCapacity(chunk.count + chunk.count / 64)
                    var isEscaped = false
                    var isLineStart = true
                    for byte in chunk {
                        if isLineStart {
                            if !isFirst { bytes.append(contentsOf: [0x2c, 0x0a]) }
                            isFirst = false
                            isLineStart = false
                        }
                        // COPY doubles each backslash; JSON text holds no raw control character to be escaped otherwise.
                        if byte == 0x5c, !isEscaped {
                            isEscaped = true
                            continue
                        }
                        isEscaped = false
                        if byte == 0x0a {
                            isLineStart = true
                            continue
                        }
                        bytes.append(byte)
                    }
                    try body(bytes)
                }
                try body(Array("\n]\n".utf8))
            }
        }
    }
}
