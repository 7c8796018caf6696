internal import PostgresClient

/// What people change in the published forecasts, and why.
public struct OverrideStore: Sendable {
    private let database: Database

    /// The overrides of one database.
    public init(database: Database) { self.database = database }

    /// How a figure changes a forecast.
    public enum Kind: String, Sendable, CaseIterable {
        /// It is the total of all buckets and series meant.
        case absolute
        /// It is added to that total.
        case delta
        /// It changes each bucket by a percentage.
        case percent
    }

    /// One change, and of what: `nil` leaves a part of the key open.
    public struct Adjustment: Sendable {
        /// Which item.
        public var item: String?
        /// Where.
        public var site: String?
        /// For whom.
        public var customer: String?
        /// Which category of items.
        public var category: String?
        /// Of which job.
        public var portfolio: String?
        /// First day a bucket begins on, in ISO 8601.
        public var from: String
        /// Last day a bucket begins on; `nil` for the first.
        public var to: String?
        /// By how much.
        public var value: Double
        /// What the figure is.
        public var kind: Kind
        /// Why.
        public var reason: String
        /// Until when it counts; `nil` until it is withdrawn.
        public var expiresAt: String?
        /// Whether later overrides of these buckets are refused.
        public var locked: Bool

        /// A change.
        public init(
            item: String?, site: String?, customer: String?, category: String?, portfolio: String?, from: String,
            to: String?,
            value: Double, kind: Kind, reason: String, expiresAt: String?, locked: Bool
        ) {
            self.item = item
            self.site = site
            self.customer = customer
            self.category = category
            self.portfolio = portfolio
            self.from = from
            self.to = to
            self.value = value
            self.kind = kind
            self.reason = reason
            self.expiresAt = expiresAt
            self.locked = locked
        }
    }

    /// Makes a change and returns its number and how many buckets it changes.
    ///
    /// Throws ``Refusal`` with the valid choices where it is refused; nothing is changed then.
    public func adjust(_ change: Adjustment) async throws -> (overrideID: Int64, buckets: Int) {
        try await database.transactionOrRefusal { connection in
            let number = try await connection.query(
                """
                SELECT forecast.adjust(\(change.item)::text, \(change.site)::text, \(change.from)::date,
                    \(change.to)::date, \(change.value)::float8, \(change.reason)::text, \(change.kind.rawValue)::text,
                    customer => \(change.customer)::text, category => \(change.category)::text, portfolio => \(change.portfolio)::text,
                    expires_at => \(change.expiresAt)::timestamptz, locked => \(change.locked)::boolean)
                """)[0].decode(0, as: Int64.self)
            let count = try await connection.query(
                "SELECT pg_catalog.count(*) FROM forecast.override_cell WHERE override_id = \(number)")
            return (number, try count[0].decode(0, as: Int.self))
        }
    }

    /// Takes a change back; `false` where it was taken back before.
    public func withdraw(_ overrideID: Int64, reason: String) async throws -> Bool {
        try await database.transactionOrRefusal { connection in
            try await connection.query("SELECT forecast.withdraw(\(overrideID), \(reason)::text)")[0]
                .decode(0, as: Bool.self)
        }
    }
}
