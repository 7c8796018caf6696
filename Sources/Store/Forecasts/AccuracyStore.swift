public import Monitoring
public import Pipeline
internal import PostgresClient

/// Keeps how published forecasts turned out.
public struct AccuracyStore: ForecastScoring {
    private let database: Database

    /// The scores in one database.
    public init(database: Database) { self.database = database }

    /// Scores what has matured since the last time, and what was corrected.
    public func score(portfolio: String) async throws -> MaturedCount {
        try await database.transaction { connection in
            let row = try await connection.query("SELECT * FROM suyo.score(\(portfolio)::text)")[0]
            return MaturedCount(
                scored: try row.decode("scored", as: Int.self), corrected: try row.decode("corrected", as: Int.self))
        }
    }

    /// Goes back where the version before did better on what has matured.
    public func rollBackIfWorse(portfolio: String, rules: RollbackRules) async throws -> String? {
        if rules.isOff { return nil }
        return try await database.transaction { connection in
            try await connection.query(
                "SELECT suyo.roll_back_if_worse(\(portfolio)::text, \(Int64(rules.buckets))::integer, \(rules.tolerance))"
            )[0].decode(0, as: String?.self)
        }
    }
}
