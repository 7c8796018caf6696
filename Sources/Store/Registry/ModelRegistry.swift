internal import PostgresClient

/// Decides which version of a portfolio is in use, and tells who decided before.
public struct ModelRegistry: Sendable {
    let database: Database

    /// The registry of one database.
    public init(database: Database) { self.database = database }

    /// What a promotion or a rollback left behind.
    public struct Change: Sendable, Hashable {
        /// The portfolio.
        public var portfolio: String
        /// Its champion now.
        public var versionID: Int64
        /// Its champion before; `nil` where there was none.
        public var previousVersionID: Int64?
        /// The publication that made the forecasts current.
        public var publicationID: Int64
        /// Last local day of demand those forecasts know, in ISO 8601.
        public var dataThrough: String
        /// Whether they know less than the forecasts they replace.
        public var isStale: Bool
    }

    /// Makes a version the champion and its forecasts current, in one transaction with the log and the outbox.
    ///
    /// Throws ``Refusal`` with the valid choices where there is no such version, it is the champion already, or
    /// the reason is empty.
    public func promote(version: Int64, reason: String) async throws -> Change {
        try await change("SELECT suyo.promote(\(version), \(reason)::text)")
    }

    /// Goes back to an earlier version, by default the champion before this one, in one transaction with its forecasts.
    ///
    /// - Parameter portfolio: `nil` for the only one there is.
    /// - Throws: ``Refusal`` with the valid choices.
    public func rollBack(portfolio: String?, to version: Int64?, reason: String) async throws -> Change {
        try await change("SELECT suyo.rollback(\(portfolio)::text, \(version), \(reason)::text)")
    }

    private func change(_ call: Query) async throws -> Change {
        try await database.transactionOrRefusal { connection in
            let publication = try await connection.query(call)[0].decode(0, as: Int64.self)
            let row = try await connection.query(
                """
                SELECT p.portfolio, p.version_id, p.data_through::text AS data_through, p.status = 'stale' AS stale,
                    (SELECT l.previous_version_id FROM suyo.promotion_log AS l WHERE l.portfolio = p.portfolio
                        ORDER BY l.promotion_id DESC LIMIT 1) AS previous
                FROM forecast.publication AS p WHERE p.publication_id = \(publication)
                """)[0]
            return Change(
                portfolio: try row.decode("portfolio", as: String.self),
                versionID: try row.decode("version_id", as: Int64.self),
                previousVersionID: try row.decode("previous", as: Int64?.self), publicationID: publication,
                dataThrough: try row.decode("data_through", as: String.self),
                isStale: try row.decode("stale", as: Bool.self))
        }
    }
}
