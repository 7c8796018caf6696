internal import PostgresClient

extension ModelRegistry {
    /// Deletes forecasts, parameters, states and training data of old versions, or only names those versions in a dry run.
    ///
    /// The newest `keep` versions of each portfolio stay whole, and so do the champion, what anybody reads, forecasts that
    /// have yet to mature, and what a kept version holds on to. Lineage, verdicts, promotions and matured errors are
    /// never deleted.
    ///
    /// - Parameter portfolio: `nil` for all of them.
    public func prune(portfolio: String?, keep: Int, isDryRun: Bool) async throws -> ReportTable {
        let function = isDryRun ? "suyo.prunable" : "suyo.prune"
        return try await database.transaction { connection in
            try await ReportTable.fetch(
                """
                SELECT g.version_id AS version, g.portfolio_name AS portfolio,
                    pg_catalog.to_char(g.created_at, 'YYYY-MM-DD HH24:MI"Z"') AS created, g.series, g.bytes
                FROM \(unescaped: function)(\(portfolio)::text, \(Int64(keep))::integer) AS g ORDER BY g.version_id
                """, connection)
        }
    }
}
