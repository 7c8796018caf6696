internal import Foundation
internal import Monitoring
internal import Pipeline
internal import PostgresClient
internal import TimeSeries

/// How a version becomes current: the few rows that close the transaction.
extension ForecastStore {
    /// The version's own row.
    static func writeVersion(
        _ versionID: Int64, _ header: VersionHeader, _ summary: VersionSummary, holds held: Int64? = nil,
        _ permit: WritePermit, _ connection: Connection
    ) async throws {
        let specification = header.specification
        let holidays = summary.holidays.isEmpty ? [] : [try TrainingKnowledge.text(summary.holidays)]
        let knowledge = try await TrainingKnowledge.keep(holidays, connection).first
        try await connection.execute(
            """
            INSERT INTO suyo.model_version (version_id, portfolio, run_id, frequency, season, horizon, quantile_levels,
                series_count, data_hash, data_through, configuration, code_version, seed, metrics, timings, notes,
                shard_sizes, holidays_hash, holds_version_id)
            OVERRIDING SYSTEM VALUE
            VALUES (\(versionID), \(header.portfolio), \(permit.runID), \(specification.frequency.rawValue),
                \(specification.season), \(specification.horizon), \(header.quantileLevels), \(summary.seriesCount),
                \(summary.dataHash), date '1970-01-01' + \(header.dataThrough.daysSinceEpoch)::integer,
                \(json: try json(specification)), \(header.codeVersion), \(Int64(bitPattern: specification.seed)),
                \(json: try json(summary.accuracy)), \(json: try json(summary.timings)), \(summary.notes),
                \(summary.shardSizes.map(Int64.init)), \(knowledge), \(held))
            """)
    }

    /// The gate's verdict on a version.
    static func writeVerdict(
        _ verdict: GateVerdict, of versionID: Int64, against champion: EarlierVersion?, _ connection: Connection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO suyo.gate_verdict (version_id, champion_id, is_promoted, shadow_buckets, reasons, series, uncompared,
                champion_wape, challenger_wape, difference, lower_bound, upper_bound, segments)
            VALUES (\(versionID), \(champion?.versionID), \(verdict.isPromoted), \(verdict.shadow), \(verdict.reasons),
                \(verdict.overall?.series ?? 0), \(verdict.uncompared), \(verdict.overall?.championWAPE),
                \(verdict.overall?.challengerWAPE), \(verdict.overall?.difference), \(verdict.overall?.lower),
                \(verdict.overall?.upper), \(json: try json(verdict.segments)))
            """)
    }

    /// The publication's own row; without a run where it is not what the run publishes.
    static func writePublication(
        _ version: ForecastVersionWriter, _ header: VersionHeader, totals: [TotalForecast], runID: Int64?,
        status: String,
        _ connection: Connection
    ) async throws {
        let frequency = header.specification.frequency.rawValue
        try await connection.execute(
            """
            INSERT INTO forecast.publication
                (publication_id, portfolio, version_id, run_id, frequency, bucket_length, data_through, status)
            OVERRIDING SYSTEM VALUE
            VALUES (\(version.publicationID), \(header.portfolio), \(version.versionID), \(runID), \(frequency),
                demand.bucket_length(\(frequency)),
                date '1970-01-01' + \(header.dataThrough.daysSinceEpoch)::integer, \(status))
            """)
        try await writeTotals(totals, of: version.publicationID, connection)
    }

    /// How sure the totals of a version's own publication are.
    static func writeTotals(
        _ totals: [TotalForecast], of publicationID: Int64, _ connection: Connection
    ) async throws {
        try await connection.copy(
            totals, into: "forecast.total_forecast",
            [
                "publication_id", "level", "site_id", "category", "series", "first_bucket", "quantiles",
                "cumulative_quantiles",
            ]
        ) { row, total in
            row.bigint(publicationID)
            row.text(total.key.level.rawValue)
            row.text(total.key.site)
            row.text(total.key.category)
            row.integer(total.series)
            row.timestamp(total.firstBucket)
            row.array(total.quantiles)
            row.array(total.cumulativeQuantiles)
        }
    }

    /// Makes a version the champion, with a row in the log.
    static func promote(
        _ version: PublishedVersion, of portfolio: String, reason: String, _ permit: WritePermit,
        _ connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            SELECT suyo.set_champion(\(portfolio)::text, \(version.versionID), 'promote', \(reason)::text, \(permit.runID))
            """)
    }

    /// Flips the row that readers follow, and tells other systems.
    static func makeCurrent(_ version: PublishedVersion, _ connection: Connection) async throws {
        _ = try await connection.query("SELECT forecast.make_current(\(version.publicationID))")
    }

    /// A version's configuration, read back.
    static func specification(_ json: String) throws -> PortfolioSpecification {
        try JSONDecoder().decode(PortfolioSpecification.self, from: Data(json.utf8))
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
