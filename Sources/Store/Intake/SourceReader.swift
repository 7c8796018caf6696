internal import Foundation
internal import Intake
internal import PostgresClient

/// Reads a company's own tables: one snapshot of them, read-only, that waits for no lock for long and holds none that
/// keeps anybody from writing.
struct SourceReader {
    let definition: SourceDefinition
    let target: ConnectionTarget

    /// A query's result in a file of its own.
    struct Result {
        var query: SourceDefinition.Query
        /// The file, comma-separated, with a header.
        var path: String
        /// The source's clock at the snapshot, in seconds since 1970.
        var snapshot: Double
        /// Changes since then were read; `nil` where all records were.
        var readFrom: Double?
        /// Lines ordered since then were read whatever their changes; `nil` where deletions are not looked for.
        var orderedSince: Double?
    }

    /// Name of the column in which a result carries when a record was changed, as seconds since 1970.
    static let changedColumn = "suyo_changed_epoch"

    /// Runs `body` inside a snapshot of the source.
    func withSnapshot<Value>(_ body: (Connection) async throws -> Value) async throws -> Value {
        let connection: Connection
        do {
            connection = try await Connection.connect(to: target)
        } catch let error as PostgresError {
            throw SourceError.unreachable(source: definition.source, reason: error.message)
        }
        do {
            return try await connection.transaction { connection in
                try await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                do {
                    try await connection.execute(
                        """
                        SELECT pg_catalog.set_config('statement_timeout', \("\(definition.timeoutSeconds * 1000)"), true),
                            pg_catalog.set_config('lock_timeout', '10000', true),
                            pg_catalog.set_config('DateStyle', 'ISO, YMD', true),
                            pg_catalog.set_config('TimeZone', \(definition.timeZone ?? "UTC"), true)
                        """)
                    if let role = definition.role {
                        try await connection.execute("SELECT pg_catalog.set_config('role', \(role), true)")
                    }
                } catch let error as PostgresError where !error.isConnectionLost {
                    throw SourceError.refused(source: definition.source, reason: error.message)
                }
                return try await body(connection)
            }
        } catch let error as PostgresError where error.isConnectionLost || error.code == .commitOutcomeUnknown {
            throw SourceError.unreachable(source: definition.source, reason: error.message)
        }
    }

    /// Every column of every query with what becomes of it, and what is wrong.
    func check(_ connection: Connection) async throws -> (columns: [SourceColumn], problems: [String]) {
        var columns: [SourceColumn] = []
        var problems: [String] = []
        for query in definition.queries {
            try await connection.execute("SAVEPOINT suyo_check")
            do {
                let found = try await connection.columns(of: "\(unescaped: select(query, limit: 0))")
                let types = try await typeNames(found.map(\.type), connection)
                let result = found.map { SourceColumn(query, name: $0.name, type: types[$0.type] ?? "unknown") }
                columns += result
                problems += SourceColumn.problems(of: query, result)
                try await connection.execute("RELEASE SAVEPOINT suyo_check")
            } catch let error as PostgresError where !error.isConnectionLost {
                try await connection.execute("ROLLBACK TO SAVEPOINT suyo_check")
                problems.append("\(query.kind.rawValue): the query fails: \(error.message)")
            }
        }
        return (columns, problems)
    }

    /// Writes a query's records to a file: those changed since `readFrom` and those ordered since `orderedSince`, or all.
    func write(
        _ query: SourceDefinition.Query, since readFrom: Double?, limit: Int? = nil, to folder: String,
        _ connection: Connection
    ) async throws -> Result {
        let rows = try await connection.query(
            "SELECT extract(epoch FROM pg_catalog.transaction_timestamp())::float8 AS now")
        let snapshot = try rows[0].decode("now", as: Double.self)
        let orderedSince = query.deletionsWithinDays.map { snapshot - Double($0) * 86_400 }
        let path = folder + "/" + query.kind.rawValue + ".csv"
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: path)
        else { throw SourceError.refused(source: definition.source, reason: "no file can be written in \(folder)") }
        defer { try? file.close() }
        let sql = select(query, since: readFrom, orderedSince: orderedSince, limit: limit)
        do {
            try await connection.copyOut("COPY (\(sql)) TO STDOUT WITH (FORMAT csv, HEADER true)") { bytes in
                try Task.checkCancellation()
                try file.write(contentsOf: bytes)
            }
        } catch let error as PostgresError where error.code == .queryCanceled || error.code.name == "55P03" {
            throw SourceError.tooSlow(
                source: definition.source, kind: query.kind.rawValue,
                reason: error.code == .queryCanceled
                    ? "the query took longer than \(definition.timeoutSeconds) s"
                    : "another session holds a lock on a table of the query")
        } catch let error as PostgresError where !error.isConnectionLost {
            throw SourceError.invalid(
                source: definition.source, problems: ["\(query.kind.rawValue): the query fails: \(error.message)"])
        }
        return Result(
            query: query, path: path, snapshot: snapshot, readFrom: readFrom, orderedSince: orderedSince)
    }

    /// The query as a table, with what is read of it. A line end after the statement ends a comment it may end in.
    private func select(
        _ query: SourceDefinition.Query, since readFrom: Double? = nil, orderedSince: Double? = nil, limit: Int? = nil
    ) -> String {
        var sql = "SELECT q.*"
        if let changedAt = query.changedAt, limit != 0 {
            sql +=
                ", extract(epoch FROM q.\(quoted(changedAt))::pg_catalog.timestamptz)::pg_catalog.float8 AS \(SourceReader.changedColumn)"
        }
        sql += " FROM (\n\(query.statement)\n) AS q"
        if let readFrom, let changedAt = query.changedAt.map(quoted) {
            sql += " WHERE (q.\(changedAt) >= pg_catalog.to_timestamp(\(readFrom)) OR q.\(changedAt) IS NULL"
            if let orderedSince {
                sql += " OR q.\(quoted(query.name(of: "ordered_at"))) >= pg_catalog.to_timestamp(\(orderedSince))"
            }
            sql += ")"
        }
        return limit.map { "\(sql) LIMIT \($0)" } ?? sql
    }

    private func typeNames(_ types: [UInt32], _ connection: Connection) async throws -> [UInt32: String] {
        let list = Set(types).sorted().map(String.init).joined(separator: ",")
        guard !list.isEmpty else { return [:] }
        let rows = try await connection.query(
            "SELECT oid::pg_catalog.int8 AS type, typname::pg_catalog.text AS name FROM pg_catalog.pg_type WHERE oid IN (\(unescaped: list))"
        )
        var names: [UInt32: String] = [:]
        for row in rows {
            names[UInt32(try row.decode("type", as: Int.self))] = try row.decode("name", as: String.self)
        }
        return names
    }

    private func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
