internal import Foundation
internal import Pipeline
internal import PostgresClient
internal import TimeSeries

/// How a version becomes current: the few rows that close the transaction.
extension ForecastStore {
    /// The version's own row.
    static func writeVersion(
        _ versionID: Int64, _ header: VersionHeader, _ summary: VersionSummary, _ permit: WritePermit,
        _ connection: Connection
    ) async throws {
        let specification = header.specification
        try await connection.execute(
            """
            INSERT INTO suyo.model_version (version_id, portfolio, run_id, frequency, season, horizon, quantile_levels,
                series_count, data_hash, data_through, configuration, code_version, seed, metrics, timings, notes)
            OVERRIDING SYSTEM VALUE
            VALUES (\(versionID), \(header.portfolio), \(permit.runID), \(specification.frequency.rawValue),
                \(specification.season), \(specification.horizon), \(header.quantileLevels), \(summary.seriesCount),
                \(summary.dataHash), date '1970-01-01' + \(header.dataThrough.daysSinceEpoch)::integer,
                \(json: try json(specification)), \(header.codeVersion), \(Int64(bitPattern: specification.seed)),
                \(json: try json(summary.accuracy)), \(json: try json(summary.timings)), \(summary.notes))
            """)
    }

    /// The publication's own row.
    static func writePublication(
        _ version: PublishedVersion, _ header: VersionHeader, _ permit: WritePermit, _ connection: Connection
    ) async throws {
        let frequency = header.specification.frequency.rawValue
        try await connection.execute(
            """
            INSERT INTO forecast.publication
                (publication_id, portfolio, version_id, run_id, frequency, bucket_length, data_through, status)
            OVERRIDING SYSTEM VALUE
            VALUES (\(version.publicationID), \(header.portfolio), \(version.versionID), \(permit.runID), \(frequency),
                demand.bucket_length(\(frequency)),
                date '1970-01-01' + \(header.dataThrough.daysSinceEpoch)::integer, 'champion')
            """)
    }

    /// Makes a version the champion, with a row in the log.
    static func promote(
        _ version: PublishedVersion, of portfolio: String, _ permit: WritePermit, _ connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            SELECT suyo.set_champion(\(portfolio)::text, \(version.versionID), 'promote',
                'retrained on schedule or on request', \(permit.runID))
            """)
    }

    /// Flips the row that readers follow, and tells other systems.
    static func makeCurrent(_ version: PublishedVersion, _ connection: Connection) async throws {
        _ = try await connection.query("SELECT forecast.make_current(\(version.publicationID))")
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
