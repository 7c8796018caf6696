internal import PostgresClient

/// Rows as a report shows them: every value as text, with what it is.
public struct ReportTable: Sendable {
    /// What a value is, by the names of PostgreSQL's `json_typeof`.
    public enum Kind: String, Sendable {
        case null, number, boolean, string, object, array
    }

    /// Names of the columns.
    public var columns: [String]
    /// The values of each row, as many as there are columns.
    public var rows: [[(kind: Kind, text: String)]]

    /// Runs a query and keeps its columns as they come.
    static func fetch(_ query: Query, _ connection: Connection) async throws -> ReportTable {
        // U+001F separates, because text of people does not hold it; where it does, it is left out.
        let wrapped = query.wrapped(
            """
            SELECT pg_catalog.string_agg(e.key, E'\\x1f' ORDER BY e.ordinality) AS keys,
                pg_catalog.string_agg(pg_catalog.json_typeof(e.value), E'\\x1f' ORDER BY e.ordinality) AS kinds,
                pg_catalog.string_agg(pg_catalog.replace(coalesce(e.value #>> '{}', ''), E'\\x1f', ''), E'\\x1f'
                    ORDER BY e.ordinality) AS texts
            FROM (SELECT pg_catalog.row_number() OVER () AS place, pg_catalog.row_to_json(t) AS row FROM (
            """,
            """
            ) AS t) AS r
            CROSS JOIN LATERAL pg_catalog.json_each(r.row) WITH ORDINALITY AS e
            GROUP BY r.place ORDER BY r.place
            """)
        var table = ReportTable(columns: [], rows: [])
        for row in try await connection.query(wrapped) {
            func split(_ column: String) throws -> [String] {
                try row.decode(column, as: String.self).split(separator: "\u{1f}", omittingEmptySubsequences: false)
                    .map(String.init)
            }
            if table.columns.isEmpty { table.columns = try split("keys") }
            table.rows.append(
                zip(try split("kinds"), try split("texts")).map { (Kind(rawValue: $0) ?? .string, $1) })
        }
        return table
    }
}
