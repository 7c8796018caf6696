internal import Intake
internal import PostgresClient

/// What an import does besides where its records come from a source: it finds what is gone, and notes how far it read.
struct SourceReading: Sendable {
    let query: SourceDefinition.Query
    let acceptsDeletions: Bool
    /// The source's clock at the snapshot, in seconds since 1970.
    let snapshot: Double
    /// Changes since then were read; `nil` where all records were.
    let readFrom: Double?
    /// All lines ordered since then were read; `nil` where deletions are not looked for.
    let orderedSince: Double?
    /// The watermark so far.
    let earlierWatermark: Double?
    /// The latest change among the records, asked once all are read.
    var greatestChange: @Sendable () -> Double? = { nil }

    private var source: String { query.mapping.source }

    /// Throws ``SourceError/overtaken(source:kind:)`` where a reading that began later has been taken already.
    func checkOrder(_ connection: Connection) async throws {
        let later = try await connection.query(
            """
            SELECT FROM demand.source_read WHERE source = \(source) AND kind = \(query.kind.rawValue)
                AND snapshot_at > pg_catalog.to_timestamp(\(snapshot)) LIMIT 1
            """)
        guard later.isEmpty else { throw SourceError.overtaken(source: source, kind: query.kind.rawValue) }
    }

    /// Marks the lines that were read before and are no longer there; returns how many.
    ///
    /// Compared are the lines ordered since two days after ``orderedSince``, because days begin at other hours in other
    /// zones. A line that is there and was rejected is not gone, nor is the rest of its order.
    ///
    /// Throws ``SourceError/manyDeletions(source:deleted:compared:)`` where a fifth of them and more than a hundred would
    /// go, unless that was allowed.
    func markDeleted(batchID: Int64, _ connection: Connection) async throws -> Int {
        guard let orderedSince else { return 0 }
        let horizon = orderedSince + 2 * 86_400
        let rows = try await connection.query(
            """
            WITH compared AS MATERIALIZED (
                SELECT t.order_id, t.line_no, EXISTS (
                        SELECT FROM pg_temp.incoming AS n WHERE n.order_id = t.order_id AND n.line_no = t.line_no)
                    OR EXISTS (
                        SELECT FROM pg_temp.staged AS r WHERE r.reject_reason IS NOT NULL AND r.order_id = t.order_id)
                    AS is_there
                FROM demand.order_line AS t
                WHERE t.source = \(source) AND t.ordered_at >= pg_catalog.to_timestamp(\(horizon))
                    AND t.status <> 'deleted'),
            gone AS (
                UPDATE demand.order_line AS t
                SET status = 'deleted', revision = t.revision + 1, batch_id = \(batchID)
                FROM compared AS c
                WHERE NOT c.is_there AND t.source = \(source) AND t.order_id = c.order_id AND t.line_no = c.line_no
                RETURNING 1)
            SELECT (SELECT pg_catalog.count(*) FROM compared) AS compared, (SELECT pg_catalog.count(*) FROM gone) AS gone
            """)
        let compared = try rows[0].decode("compared", as: Int.self)
        let gone = try rows[0].decode("gone", as: Int.self)
        if gone > 100, gone * 5 > compared, !acceptsDeletions {
            throw SourceError.manyDeletions(source: source, deleted: gone, compared: compared)
        }
        return gone
    }

    /// Notes what was read, and from where the next reading goes on: never from beyond the source's own clock, since a
    /// record dated ahead would hide all that are changed until then.
    func record(_ report: IntakeReport, _ connection: Connection) async throws {
        var watermark: Double?
        if query.changedAt != nil {
            watermark = [earlierWatermark, greatestChange()].compactMap { $0 }.max().map { min($0, snapshot) }
        }
        try await connection.execute(
            """
            INSERT INTO demand.source_read
                (source, kind, query_hash, snapshot_at, read_from, watermark, lines, accepted, rejected, inserted, changed,
                deleted, batch_id)
            VALUES (\(source), \(query.kind.rawValue), \(query.hash), pg_catalog.to_timestamp(\(snapshot)),
                pg_catalog.to_timestamp(\(readFrom)), pg_catalog.to_timestamp(\(watermark)), \(report.lines),
                \(report.accepted), \(report.rejected), \(report.inserted), \(report.changed), \(report.deleted),
                \(report.batchID))
            """)
    }
}
