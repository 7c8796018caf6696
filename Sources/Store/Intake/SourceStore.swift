internal import Foundation
public import Intake
internal import PostgresClient
internal import Synchronization

/// What became of one query of a source.
public struct SourceReport: Sendable, Codable, Hashable {
    /// What its records are.
    public var kind: String
    /// Changes since then were read, in seconds since 1970; `nil` where all records were.
    public var readFrom: Double?
    /// What was taken, and what was not.
    public var intake: IntakeReport
}

/// Takes in a company's own tables, again and again, each time what is new, corrected or gone.
public struct SourceStore: Sendable {
    private let database: Database
    private let environment: [String: String]

    /// Sources read into a database; connection strings may stand in the environment.
    public init(database: Database, environment: [String: String]) {
        self.database = database
        self.environment = environment
    }

    /// Runs every query without taking anything: its columns, what is wrong with them, and what would become of its
    /// first thousand records.
    public func check(
        _ definition: SourceDefinition
    ) async throws -> (columns: [SourceColumn], problems: [String], samples: [SourceReport]) {
        let reader = try reader(of: definition)
        let folder = try SourceStore.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (columns, problems, results) = try await reader.withSnapshot { connection in
            let (columns, problems) = try await reader.check(connection)
            var results: [SourceReader.Result] = []
            if problems.isEmpty {
                for query in definition.queries {
                    results.append(
                        try await reader.write(query, since: nil, limit: 1000, to: folder, connection))
                }
            }
            return (columns, problems, results)
        }
        var samples: [SourceReport] = []
        for result in results { samples.append(try await take(result, definition, reading: nil, dryRun: true)) }
        return (columns, problems, samples)
    }

    /// Reads every query from where the last reading of it ended, and takes in what it gives.
    ///
    /// All queries see one snapshot. Each is taken in one transaction, with the place from which the next reading goes on;
    /// where one fails, those before it have been taken, and the next reading begins again where this one did. With
    /// `dryRun` nothing is written.
    ///
    /// Throws ``SourceError``.
    public func read(
        _ definition: SourceDefinition, dryRun: Bool = false,
        progress: @escaping @Sendable (Double, String) -> Void = { _, _ in }
    ) async throws -> [SourceReport] {
        let reader = try reader(of: definition)
        let watermarks = try await watermarks(of: definition)
        let folder = try SourceStore.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // First everything into files: the snapshot of a busy database is not held while ours takes the records in.
        let results = try await reader.withSnapshot { connection in
            let problems = try await reader.check(connection).problems
            guard problems.isEmpty else { throw SourceError.invalid(source: definition.source, problems: problems) }
            var results: [SourceReader.Result] = []
            for (place, query) in definition.queries.enumerated() {
                progress(0.5 * Double(place) / Double(definition.queries.count), "reading \(query.kind.rawValue)")
                let since = watermarks[query.kind].map { $0 - Double(query.overlapDays) * 86_400 }
                results.append(try await reader.write(query, since: since, to: folder, connection))
            }
            return results
        }
        var reports: [SourceReport] = []
        for (place, result) in results.enumerated() {
            progress(0.5 + 0.5 * Double(place) / Double(results.count), "taking \(result.query.kind.rawValue)")
            let reading = SourceReading(
                query: result.query, acceptsDeletions: definition.acceptsDeletions, snapshot: result.snapshot,
                readFrom: result.readFrom, orderedSince: result.orderedSince,
                earlierWatermark: watermarks[result.query.kind])
            reports.append(try await take(result, definition, reading: reading, dryRun: dryRun))
        }
        return reports
    }

    private func take(
        _ result: SourceReader.Result, _ definition: SourceDefinition, reading: SourceReading?, dryRun: Bool
    ) async throws -> SourceReport {
        let plan = IntakePlan(result.query)
        let reader = Mutex(
            try IntakeReader(
                path: result.path, plan: plan,
                watching: result.query.changedAt == nil ? nil : SourceReader.changedColumn))
        let report = try await IntakeStore(database: database).take(
            plan, fileName: "\(result.query.kind.rawValue) of source \(definition.source)", dryRun: dryRun,
            reading: reading.map { reading in
                var reading = reading
                reading.greatestChange = { reader.withLock { $0.greatestWatched } }
                return reading
            }, rows: { try reader.withLock { try $0.next() } },
            contentHash: { reader.withLock { $0.contentHash } })
        return SourceReport(kind: result.query.kind.rawValue, readFrom: result.readFrom, intake: report)
    }

    /// Where the last reading of each query ended, for those that are still what they were.
    private func watermarks(of definition: SourceDefinition) async throws -> [IntakeKind: Double] {
        let hashes = Dictionary(uniqueKeysWithValues: definition.queries.map { ($0.kind, $0.hash) })
        return try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT DISTINCT ON (kind) kind, query_hash, extract(epoch FROM watermark)::float8 AS watermark
                FROM demand.source_read WHERE source = \(definition.source) ORDER BY kind, read_id DESC
                """)
            var watermarks: [IntakeKind: Double] = [:]
            for row in rows {
                guard let kind = IntakeKind(rawValue: try row.decode("kind", as: String.self)),
                    hashes[kind] == (try row.decode("query_hash", as: String.self))
                else { continue }
                watermarks[kind] = try row.decode("watermark", as: Double?.self)
            }
            return watermarks
        }
    }

    private func reader(of definition: SourceDefinition) throws -> SourceReader {
        let text = try definition.connectionString(environment: environment)
        return SourceReader(
            definition: definition,
            target: ConnectionTarget(text ?? database.target.connectionString, mayBeReadOnly: true))
    }

    /// A new folder for results, which nobody else can look into.
    private static func folder() throws -> String {
        let path = NSTemporaryDirectory() + "suyo-source-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return path
    }
}
