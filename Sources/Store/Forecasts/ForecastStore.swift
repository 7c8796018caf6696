internal import Foundation
public import Pipeline
internal import PostgresClient
internal import TimeSeries

/// Keeps model versions and makes forecasts current, in the schemas `suyo` and `forecast`.
public struct ForecastStore: ForecastRegistry {
    private let database: Database

    /// A registry in one database.
    public init(database: Database) { self.database = database }

    /// Stores a version with its lineage and makes its forecasts current, in one transaction.
    ///
    /// The lease is looked at last and held until the commit: locked from the start, it could not be kept alive while
    /// the version is trained.
    public func publish(
        _ header: VersionHeader, under permit: WritePermit,
        _ train: @Sendable (any VersionWriter) async throws -> VersionSummary
    ) async throws -> PublishedVersion {
        try await database.transaction { connection in
            let writer = try await ForecastVersionWriter(header, connection)
            let summary = try await train(writer)
            try await ForecastStore.hold(permit, connection)
            let version = PublishedVersion(versionID: writer.versionID, publicationID: writer.publicationID)
            try await ForecastStore.writeVersion(version.versionID, header, summary, permit, connection)
            try await ForecastStore.writePublication(version, header, permit, connection)
            try await ForecastStore.promote(version, of: header.portfolio, permit, connection)
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
                SELECT v.version_id, v.configuration, p.data_through - date '1970-01-01' AS data_through
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
                    specification: try JSONDecoder().decode(
                        PortfolioSpecification.self, from: Data(configuration.utf8)),
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
}
