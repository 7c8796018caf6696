/// What went wrong between us and PostgreSQL.
///
/// `description` holds the server's own sentence and no SQL; `debugDescription` adds detail, hint and statement.
public struct PostgresError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// What kind of error it is.
    public struct Code: Sendable, Hashable {
        /// A SQLSTATE, or one of ours in lower case.
        public let name: String

        /// A code by its SQLSTATE.
        public init(sqlState: String) { name = sqlState }

        /// The server could not be reached, or the connection broke.
        public static let connectionLost = Code(sqlState: "connection-lost")
        /// The connection broke while COMMIT was under way, so nobody knows whether it happened.
        public static let commitOutcomeUnknown = Code(sqlState: "commit-outcome-unknown")
        /// A value had another type than was asked for, or was NULL.
        public static let decoding = Code(sqlState: "decoding")
        /// A value cannot be sent, such as text with a NUL.
        public static let encoding = Code(sqlState: "encoding")
        /// SQLSTATE 23505.
        public static let uniqueViolation = Code(sqlState: "23505")
        /// SQLSTATE 40001.
        public static let serializationFailure = Code(sqlState: "40001")
        /// SQLSTATE 40P01.
        public static let deadlockDetected = Code(sqlState: "40P01")
        /// SQLSTATE 25006: the server became a standby.
        public static let readOnlyTransaction = Code(sqlState: "25006")
        /// SQLSTATE 57014: the statement was cancelled.
        public static let queryCanceled = Code(sqlState: "57014")
        /// SQLSTATE 42501.
        public static let insufficientPrivilege = Code(sqlState: "42501")
    }

    /// The kind of error.
    public let code: Code
    /// One sentence.
    public let message: String
    /// What the server said besides.
    public let detail: String?
    /// What the server advises.
    public let hint: String?
    /// The statement, for debugging only.
    public let statement: String?

    package init(
        _ code: Code, _ message: String, detail: String? = nil, hint: String? = nil, statement: String? = nil
    ) {
        self.code = code
        self.message = message
        self.detail = detail
        self.hint = hint
        self.statement = statement
    }

    /// Whether the connection is gone: the server stopped, failed over, or the network broke.
    public var isConnectionLost: Bool {
        code == .connectionLost || code == .commitOutcomeUnknown || code == .readOnlyTransaction
            || ["08", "57P"].contains { code.name.hasPrefix($0) }
    }

    /// Whether the same work may succeed when tried again.
    public var isTransient: Bool {
        isConnectionLost || code == .serializationFailure || code == .deadlockDetected
            || code.name.hasPrefix("53") || code.name.hasPrefix("55")
    }

    /// One sentence without SQL.
    public var description: String { message }

    /// Everything there is to know.
    public var debugDescription: String {
        var text = "[\(code.name)] \(message)"
        if let detail { text += "\n  detail: \(detail)" }
        if let hint { text += "\n  hint: \(hint)" }
        if let statement { text += "\n  statement: \(statement)" }
        return text
    }
}
