public import Intake
internal import PostgresClient

/// What an import did.
public struct IntakeReport: Sendable, Codable, Hashable {
    /// Data records in the file.
    public var lines: Int
    /// Records taken.
    public var accepted: Int
    /// Records in `demand.rejected_row`.
    public var rejected: Int
    /// Accepted records that were new.
    public var inserted: Int
    /// Accepted records that corrected an existing row.
    public var changed: Int
    /// Accepted records that were there already.
    public var unchanged: Int
    /// Order lines that were no longer in their source.
    public var deleted: Int = 0
    /// Number of the import; `nil` where it changed nothing or only looked.
    public var batchID: Int64?
    /// SHA-256 of the content.
    public var contentHash: String
    /// The first rejected records, in file order.
    public var firstRejections: [RejectedRecord] = []
}

/// A record that was not taken.
public struct RejectedRecord: Sendable, Codable, Hashable {
    /// Line of the file on which it starts.
    public var line: Int
    /// The column to blame, if one is.
    public var column: String?
    /// What stands there.
    public var value: String?
    /// Why it was not taken.
    public var reason: String
}

/// Takes files into the `demand` schema.
public struct IntakeStore: Sendable {
    private let database: Database

    /// A store in one database.
    public init(database: Database) { self.database = database }

    /// Thrown to end a transaction that must leave nothing, with what it found.
    private struct NothingToKeep: Error {
        var report: IntakeReport
    }

    /// Takes in a whole file, in one transaction.
    ///
    /// Taking in the same file again changes nothing; corrected lines change just those. With `dryRun` nothing is
    /// written. `rows` gives the staged rows of an ``IntakeReader`` until `nil`; `contentHash` is asked after that.
    public func take(
        _ plan: IntakePlan, fileName: String, dryRun: Bool, rows: @escaping @Sendable () throws -> [UInt8]?,
        contentHash: @escaping @Sendable () -> String
    ) async throws -> IntakeReport {
        try await take(
            plan, fileName: fileName, dryRun: dryRun, reading: nil, rows: rows, contentHash: contentHash)
    }

    /// The same for records that were read from a source.
    func take(
        _ plan: IntakePlan, fileName: String, dryRun: Bool, reading: SourceReading?,
        rows: @escaping @Sendable () throws -> [UInt8]?, contentHash: @escaping @Sendable () -> String
    ) async throws -> IntakeReport {
        do {
            return try await database.transaction { connection in
                // One import at a time, so that what is compared stays as it was. The letters of "take".
                try await connection.execute("SELECT pg_catalog.pg_advisory_xact_lock(1952541541)")
                try await reading?.checkOrder(connection)
                try await IntakeStore.stage(plan, rows, connection)
                let merge = IntakeMerge(plan: plan)
                try await merge.prepare(connection)
                let counts = try await merge.count(connection)
                var report = IntakeReport(
                    lines: counts.lines, accepted: counts.lines - counts.rejected, rejected: counts.rejected,
                    inserted: 0, changed: 0, unchanged: 0, batchID: nil, contentHash: contentHash())
                report.firstRejections = try await merge.firstRejections(connection)
                let batchID = try await IntakeStore.openBatch(plan, fileName, report, connection)
                let hasEarlier = try await merge.hasEarlierRows(connection)
                if hasEarlier { report.changed = try await merge.correct(batchID: batchID, connection) }
                report.inserted = try await merge.insert(
                    batchID: batchID, besidesEarlier: hasEarlier, connection)
                if let reading {
                    report.deleted = try await reading.markDeleted(batchID: batchID, connection)
                }
                report.unchanged = report.accepted - report.inserted - report.changed
                let isKnown = try await IntakeStore.isKnown(report.contentHash, besides: batchID, connection)
                let isUseless =
                    report.inserted + report.changed + report.deleted == 0 && (isKnown || report.rejected == 0)
                if dryRun || isUseless { throw NothingToKeep(report: report) }
                try await merge.keepRejected(batchID: batchID, connection)
                try await connection.execute(
                    """
                    UPDATE demand.import_batch SET inserted = \(report.inserted), changed = \(report.changed)
                    WHERE batch_id = \(batchID)
                    """)
                try await merge.analyze(touched: report.inserted + report.changed, connection)
                report.batchID = batchID
                try await reading?.record(report, connection)
                return report
            }
        } catch let nothing as NothingToKeep {
            if let reading, !dryRun {
                try await database.transaction { try await reading.record(nothing.report, $0) }
            }
            return nothing.report
        }
    }

    private static func stage(
        _ plan: IntakePlan, _ rows: @escaping @Sendable () throws -> [UInt8]?, _ connection: Connection
    ) async throws {
        let columns = plan.stagingColumns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
        try await connection.execute("CREATE TEMPORARY TABLE staged (\(unescaped: columns)) ON COMMIT DROP")
        // Reading the file and the server's reading of the rows go on side by side, one chunk ahead.
        _ = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { try rows() }
            return try await connection.copyIn("COPY pg_temp.staged FROM STDIN") {
                guard let chunk = try await group.next() ?? nil else { return nil }
                group.addTask { try rows() }
                return chunk
            }
        }
    }

    private static func openBatch(
        _ plan: IntakePlan, _ fileName: String, _ report: IntakeReport, _ connection: Connection
    ) async throws -> Int64 {
        let rows = try await connection.query(
            """
            INSERT INTO demand.import_batch
                (kind, source, file_name, content_sha256, lines, accepted, rejected, inserted, changed)
            VALUES (\(plan.kind.rawValue), \(plan.source), \(fileName), \(report.contentHash), \(report.lines),
                \(report.accepted), \(report.rejected), 0, 0)
            RETURNING batch_id
            """)
        return try rows[0].decode(0, as: Int64.self)
    }

    private static func isKnown(_ hash: String, besides batchID: Int64, _ connection: Connection) async throws -> Bool {
        let rows = try await connection.query(
            "SELECT FROM demand.import_batch WHERE content_sha256 = \(hash) AND batch_id <> \(batchID) LIMIT 1")
        return !rows.isEmpty
    }
}
