public import Pipeline
internal import PostgresClient
internal import TimeSeries

extension ModelRegistry {
    /// Every series of two versions, beside each other, in ascending order of key.
    ///
    /// Throws ``Refusal`` where there is no such version, or they are of different portfolios.
    public func pairs(_ before: Int64, _ after: Int64) async throws -> [VersionPair] {
        try await database.transaction { connection in
            let found = try await connection.query(
                "SELECT version_id, portfolio FROM suyo.model_version WHERE version_id IN (\(before), \(after))")
            let portfolios = try found.map { row in
                (try row.decode("version_id", as: Int64.self), try row.decode("portfolio", as: String.self))
            }
            for wanted in [before, after] where !portfolios.contains(where: { $0.0 == wanted }) {
                throw Refusal("There is no model version \(wanted): look at suyo models history.")
            }
            if let first = portfolios.first, let other = portfolios.first(where: { $0.1 != first.1 }) {
                throw Refusal(
                    "Version \(first.0) is of \(first.1) and version \(other.0) of \(other.1): compare two versions of one portfolio."
                )
            }
            let side = """
                SELECT version_id, item_id, site_id, customer_id, model, content_hash, parameter_names, parameters,
                    coalesce(absolute_actual, 0) AS actual, coalesce(absolute_error, 0) AS error, demand_class
                FROM suyo.version_series WHERE version_id =
                """
            let sides = try await ModelRegistry.sides("\(unescaped: side) \(before)", connection)
            let others = try await ModelRegistry.sides("\(unescaped: side) \(after)", connection)
            return Set(sides.keys).union(others.keys).sorted().map {
                VersionPair(key: $0, before: sides[$0], after: others[$0])
            }
        }
    }

    private static func sides(
        _ query: Query, _ connection: Connection
    ) async throws -> [SeriesKey: VersionPair.Side] {
        var sides: [SeriesKey: VersionPair.Side] = [:]
        for row in try await connection.query(query) {
            let key = SeriesKey(
                item: try row.decode("item_id", as: String.self), site: try row.decode("site_id", as: String?.self),
                customer: try row.decode("customer_id", as: String?.self))
            let names = try row.decode("parameter_names", as: [String].self)
            let values = try row.decode("parameters", as: [Double].self)
            sides[key] = VersionPair.Side(
                model: try row.decode("model", as: String.self),
                contentHash: try row.decode("content_hash", as: String.self),
                parameters: Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first }),
                absoluteActual: try row.decode("actual", as: Double.self),
                absoluteError: try row.decode("error", as: Double.self),
                demandClass: try row.decode("demand_class", as: String.self))
        }
        return sides
    }
}
