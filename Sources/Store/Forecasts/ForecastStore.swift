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
    public func publish(_ trained: TrainedPortfolio, under permit: WritePermit) async throws -> PublishedVersion {
        try await database.transaction { connection in
            try await ForecastStore.hold(permit, connection)
            if let published = try await ForecastStore.published(permit, connection) { return published }
            try await ForecastStore.writeSeries(trained, connection)
            let versionID = try await ForecastStore.writeVersion(trained, permit, connection)
            try await ForecastStore.writeVersionSeries(trained, versionID, connection)
            let publicationID = try await ForecastStore.writePublication(trained, versionID, permit, connection)
            try await ForecastStore.promote(
                portfolio: trained.portfolio, versionID: versionID, reason: "retrained on schedule or on request",
                permit: permit, connection)
            // Last, because this is what readers see: the row that is flipped.
            try await ForecastStore.makeCurrent(
                portfolio: trained.portfolio, versionID: versionID, publicationID: publicationID, connection)
            return PublishedVersion(versionID: versionID, publicationID: publicationID)
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

    /// Locks the lease until the transaction ends, so that nobody can claim the run in between.
    private static func hold(_ permit: WritePermit, _ connection: Connection) async throws {
        let held = try await connection.query(
            "SELECT FROM suyo.lease WHERE run_id = \(permit.runID) AND fence = \(permit.fence) FOR UPDATE")
        if held.isEmpty { throw PipelineError.staleAttempt }
    }

    /// What an earlier attempt at this run published before it died; `nil` where none did.
    private static func published(
        _ permit: WritePermit, _ connection: Connection
    ) async throws -> PublishedVersion? {
        let rows = try await connection.query(
            "SELECT version_id, publication_id FROM forecast.publication WHERE run_id = \(permit.runID)")
        return try rows.first.map { row in
            PublishedVersion(
                versionID: try row.decode("version_id", as: Int64.self),
                publicationID: try row.decode("publication_id", as: Int64.self))
        }
    }
}
