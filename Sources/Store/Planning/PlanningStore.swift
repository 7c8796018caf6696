internal import PostgresClient

/// By which rules stock is planned, and what planners have to look at.
public struct PlanningStore: Sendable {
    private let database: Database

    /// The planning of one database.
    public init(database: Database) { self.database = database }

    /// What a service level is a share of.
    public enum ServiceKind: String, Sendable, CaseIterable {
        /// Of the order cycles: those without a stock-out.
        case cycle
        /// Of the demand: what is met from the shelf.
        case fill
    }

    /// Rules for an item, a category or an ABC class at a site; `nil` leaves a part open.
    public struct Policy: Sendable {
        /// For which item; `nil` for all.
        public var item: String?
        /// Where; `nil` for everywhere.
        public var site: String?
        /// For items of which category.
        public var category: String?
        /// For items of which ABC class.
        public var itemClass: String?
        /// What is aimed at, 0.5 to 0.999.
        public var serviceLevel: Double?
        /// What it is a share of.
        public var serviceKind: ServiceKind?
        /// Days from one look at the stock to the next.
        public var reviewDays: Double?
        /// Days of expected demand that an order adds to what the service level needs.
        public var coverDays: Double?
        /// Days from order to receipt where none are known of the item.
        public var leadTimeDays: Double?
        /// Base units an order is a multiple of.
        public var packSize: Double?
        /// Base units an order has at least.
        public var minimumQuantity: Double?
        /// Base units an order has at most.
        public var maximumQuantity: Double?
        /// Why.
        public var reason: String

        /// A policy that says nothing yet.
        public init(reason: String) { self.reason = reason }
    }

    /// Sets a policy and returns its number; what it leaves open stays as the policy it replaces had it.
    ///
    /// Throws ``Refusal`` with the valid choices where it is refused; nothing is changed then.
    public func set(_ policy: Policy) async throws -> Int64 {
        try await database.transactionOrRefusal { connection in
            try await connection.query(
                """
                SELECT forecast.set_policy(\(policy.item)::text, \(policy.site)::text, \(policy.category)::text,
                    \(policy.itemClass)::text, \(policy.serviceLevel)::float8, \(policy.serviceKind?.rawValue)::text,
                    \(policy.reviewDays)::float8, \(policy.coverDays)::float8, \(policy.leadTimeDays)::float8,
                    \(policy.packSize)::float8, \(policy.minimumQuantity)::float8, \(policy.maximumQuantity)::float8,
                    \(policy.reason)::text)
                """)[0].decode(0, as: Int64.self)
        }
    }

    /// Ends a policy, so that a less specific one counts; `false` where it had ended before.
    public func withdrawPolicy(_ policyID: Int64) async throws -> Bool {
        try await database.transactionOrRefusal { connection in
            try await connection.query("SELECT forecast.withdraw_policy(\(policyID))")[0].decode(0, as: Bool.self)
        }
    }

    /// Opens and closes exceptions as stock and forecasts stand now, after working ABC classes out anew where they are a
    /// week old.
    public func refresh() async throws {
        try await database.transaction { connection in
            _ = try await connection.query(
                """
                SELECT forecast.classify_items()
                WHERE NOT EXISTS (
                    SELECT FROM forecast.item_class WHERE classified_at > pg_catalog.now() - interval '7 days')
                """)
            _ = try await connection.query("SELECT forecast.refresh_exceptions()")
        }
    }

    /// Takes note of an exception; `false` where it was acknowledged before or is over.
    public func acknowledge(_ exceptionID: Int64, reason: String) async throws -> Bool {
        try await database.transactionOrRefusal { connection in
            try await connection.query("SELECT forecast.acknowledge(\(exceptionID), \(reason)::text)")[0]
                .decode(0, as: Bool.self)
        }
    }
}
