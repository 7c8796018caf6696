public import Pipeline
internal import PostgresClient

/// Hands out everything that is current, streamed, so that a million series need no more memory than ten.
public struct ForecastExport: Sendable {
    /// How rows are written.
    public typealias Format = ExportSpecification.Format

    /// Which rows.
    public struct Scope: Sendable {
        /// Of one portfolio; `nil` is all.
        public var portfolio: String?
        /// At one site; `nil` is everywhere.
        public var site: String?

        /// A scope; everything where nothing is said.
        public init(portfolio: String? = nil, site: String? = nil) {
            self.portfolio = portfolio
            self.site = site
        }
    }

    /// One portfolio's forecast that is current.
    public struct Publication: Sendable {
        /// The portfolio.
        public var portfolio: String
        /// Its number; a later one replaces it whole.
        public var publicationID: Int64
    }

    private let database: Database

    /// An export of one database.
    public init(database: Database) { self.database = database }

    /// Gives the text of what is current to `body` in pieces, ordered by item, site, customer and step.
    public func write(
        _ format: Format, _ scope: Scope = Scope(), to body: @escaping @Sendable ([UInt8]) throws -> Void
    ) async throws {
        try await database.transaction { connection in
            try await ForecastExport.copy(format, scope, connection, body)
        }
    }

    /// Gives the text of each publication that is current to what `begin` returns for it, and then says that it was all.
    ///
    /// All of them as they are at one instant. Where nobody may read a row of a publication, there is none.
    public func writeEach(
        _ format: Format, _ scope: Scope = Scope(),
        begin: @escaping @Sendable (Publication) throws -> @Sendable ([UInt8]) throws -> Void,
        end: @escaping @Sendable (Publication) throws -> Void
    ) async throws {
        try await database.snapshot { connection in
            let publications = try await connection.query(
                """
                SELECT portfolio, publication_id FROM forecast.current_step
                \(unescaped: ForecastExport.filter(scope)) GROUP BY 1, 2 ORDER BY 1
                """
            ).map { row in
                Publication(
                    portfolio: try row.decode("portfolio", as: String.self),
                    publicationID: try row.decode("publication_id", as: Int64.self))
            }
            for publication in publications {
                let body = try begin(publication)
                let own = Scope(portfolio: publication.portfolio, site: scope.site)
                try await ForecastExport.copy(format, own, connection, body)
                try end(publication)
            }
        }
    }

    /// A WHERE clause; COPY takes no binds.
    private static func filter(_ scope: Scope, site column: String = "site_id") -> String {
        let conditions = [
            scope.portfolio.map { "portfolio = \(Query.literal($0))" },
            scope.site.map { "\(column) = \(Query.literal($0))" },
        ].compactMap { $0 }
        return conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    }

    private static func copy(
        _ format: Format, _ scope: Scope, _ connection: Connection, _ body: ([UInt8]) throws -> Void
    ) async throws {
        let columns = """
            item_id, site_id, customer_id, frequency, bucket_start, bucket_end, step, mean, p05, p10, p25, p50, p75, p90,
            p95, p99, final, override_id, model, version_id, issued_at, data_through, status
            """
        let rows =
            "SELECT \(columns) FROM forecast.current_step \(filter(scope)) ORDER BY item_id, site_id, customer_id, frequency, step"
        switch format {
        case .csv:
            try await connection.copyOut("COPY (\(rows)) TO STDOUT (FORMAT csv, HEADER true)", body)
        case .schedule:
            let schedule = """
                SELECT * FROM forecast.planning_schedule \(filter(scope, site: "ship_to"))
                ORDER BY portfolio, item_id, ship_to, customer_id, period_start
                """
            try await connection.copyOut("COPY (\(schedule)) TO STDOUT (FORMAT csv, HEADER true)", body)
        case .json, .jsonl:
            var text = CopiedObjects(isArray: format == .json)
            try body(text.opening)
            try await connection.copyOut("COPY (SELECT pg_catalog.row_to_json(f) FROM (\(rows)) AS f) TO STDOUT") {
                try body(text.next($0))
            }
            try body(text.closing)
        }
    }
}

/// Turns the text of a COPY of JSON objects, one a row, into an array or into lines.
private struct CopiedObjects {
    let isArray: Bool
    private var isFirst = true
    private var isEscaped = false
    private var isLineStart = true

    init(isArray: Bool) { self.isArray = isArray }

    var opening: [UInt8] { isArray ? Array("[\n".utf8) : [] }

    var closing: [UInt8] { isArray ? Array("\n]\n".utf8) : isFirst ? [] : [0x0a] }

    mutating func next(_ chunk: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(chunk.count + chunk.count / 64)
        for byte in chunk {
            if isLineStart {
                if !isFirst { bytes.append(contentsOf: isArray ? [0x2c, 0x0a] : [0x0a]) }
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
        return bytes
    }
}
