internal import Foundation
internal import Monitoring
public import Pipeline
internal import PostgresClient
internal import TimeSeries

/// Keeps model versions and makes forecasts current, in the schemas `suyo` and `forecast`.
public struct ForecastStore: ForecastRegistry {
    let database: Database

    /// A registry in one database.
    public init(database: Database) { self.database = database }

    /// Stores a version with its lineage and makes its forecasts current, in one transaction; where the gate refused it or sent
    /// it into the shadow, a second one that holds on to the champion's models.
    ///
    /// The lease is looked at last and held until the commit: locked from the start, it could not be kept alive while
    /// the version is trained.
    public func publish(
        _ header: VersionHeader, under permit: WritePermit, course: RetrainCourse,
        make: @Sendable (any VersionWriter, Selection) async throws -> VersionSummary
    ) async throws -> PublishedVersion {
        try await database.transaction { connection in
            var header = header
            let asked = header.specification
            var writer = try await ForecastVersionWriter(header, connection)
            var selection = Selection.anew
            var reason: String?
            switch course.aim {
            case .challenger(let only, _):
                if let only, writer.champion != nil { selection = .only(only) }
            case .champion:
                guard let champion = writer.champion else { throw PipelineError.championChanged }
                selection = .held(champion)
                reason = "The models of version \(champion.versionID), fitted to new demand: another is in the shadow."
            case .passed(let version):
                selection = .held(version)
                reason = "The models of version \(version.versionID), which stood the shadow, fitted to new demand."
            }
            if case .held(let version) = selection { header.specification = asked.holding(version.specification) }
            var summary = try await make(writer, selection)
            reason = reason ?? summary.verdict?.reasons.joined(separator: " ")
            var refused: (versionID: Int64, shadow: Int?)?
            if let verdict = summary.verdict, !verdict.isPromoted, let champion = writer.champion {
                try await ForecastStore.writeVersion(
                    writer.versionID, header, summary, holds: selection.versionHeld(champion: champion), permit,
                    connection)
                try await ForecastStore.writeVerdict(verdict, of: writer.versionID, against: champion, connection)
                try await ForecastStore.writePublication(
                    writer, header, totals: summary.totals, runID: nil, status: "challenger", connection)
                refused = (writer.versionID, verdict.shadow)
                selection = .held(champion)
                header.specification = asked.holding(champion.specification)
                let why =
                    verdict.shadow == nil
                    ? "the gate refused version \(writer.versionID)." : "version \(writer.versionID) is in the shadow."
                writer = try await ForecastVersionWriter(header, connection)
                summary = try await make(writer, selection)
                reason = "The models of version \(champion.versionID), fitted to new demand: \(why)"
            }
            if selection.versionHeld(champion: nil) != nil { summary.notes += [reason].compactMap { $0 } }
            try await ForecastStore.hold(permit, connection)
            try await ForecastStore.meetChampion(writer.champion, of: header.portfolio, connection)
            try await ForecastStore.writeVersion(
                writer.versionID, header, summary, holds: selection.versionHeld(champion: writer.champion), permit,
                connection)
            if let verdict = summary.verdict {
                try await ForecastStore.writeVerdict(
                    verdict, of: writer.versionID, against: writer.champion, connection)
            }
            try await ForecastStore.writePublication(
                writer, header, totals: summary.totals, runID: permit.runID, status: "champion", connection)
            let version = PublishedVersion(
                versionID: writer.versionID, publicationID: writer.publicationID, refusedVersionID: refused?.versionID)
            try await ForecastStore.promote(
                version, of: header.portfolio, reason: reason ?? "retrained on schedule or on request", permit,
                connection)
            if let ended = course.ended { try await ForecastStore.end(ended, connection) }
            if let refused, let buckets = refused.shadow {
                try await ForecastStore.beginTrial(
                    of: refused.versionID, against: version.versionID, portfolio: header.portfolio, buckets: buckets,
                    connection)
            }
            // Last, because this is what readers see: the row that is flipped.
            try await ForecastStore.makeCurrent(version, connection)
            try await RunEffects.seal(permit, connection)
            return version
        }
    }

    /// The champion of a portfolio, or `nil` before the first retrain.
    public func champion(of portfolio: String) async throws -> Champion? {
        try await database.transaction { connection in
            let found = try await connection.query(
                """
                SELECT v.version_id, p.data_through - date '1970-01-01' AS data_through,
                    -- Of two versions of a run the first is as the job asked, and was refused.
                    coalesce((SELECT f.configuration FROM suyo.model_version AS f
                        WHERE f.portfolio = v.portfolio AND f.run_id = v.run_id ORDER BY f.version_id LIMIT 1),
                        v.configuration) AS configuration
                FROM suyo.champion AS c
                JOIN suyo.model_version AS v USING (version_id)
                JOIN forecast.current_publication AS k ON k.portfolio = c.portfolio
                JOIN forecast.publication AS p USING (publication_id)
                WHERE c.portfolio = \(portfolio)
                """)
            return try found.first.map { row in
                let configuration = try row.decode("configuration", as: String.self)
                return Champion(
                    versionID: try row.decode("version_id", as: Int64.self), portfolio: portfolio,
                    specification: try ForecastStore.specification(configuration),
                    dataThrough: CivilDate(daysSinceEpoch: try row.decode("data_through", as: Int.self)))
            }
        }
    }

    /// Works ABC classes out anew where they are a week old, and opens and closes exceptions.
    public func refreshPlanning() async throws {
        try await PlanningStore(database: database).refresh()
    }

    /// Locks the lease until the transaction ends, so that nobody can claim the run in between; throws where the run is
    /// another attempt's by now.
    private static func hold(_ permit: WritePermit, _ connection: Connection) async throws {
        let held = try await connection.query(
            "SELECT FROM suyo.lease WHERE run_id = \(permit.runID) AND fence = \(permit.fence) FOR UPDATE")
        if held.isEmpty { throw PipelineError.staleAttempt }
    }

    /// Locks the champion's row until the transaction ends: retrains, rollbacks and people meet there, and the log tells of
    /// them in the order in which they took effect. Throws where it is no longer the champion that was met before.
    private static func meetChampion(
        _ known: EarlierVersion?, of portfolio: String, _ connection: Connection
    ) async throws {
        let rows = try await connection.query(
            "SELECT version_id FROM suyo.champion WHERE portfolio = \(portfolio) FOR UPDATE")
        let now = try rows.first?.decode("version_id", as: Int64.self)
        if now != known?.versionID { throw PipelineError.championChanged }
    }
}
