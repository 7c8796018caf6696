/// SQL with its values apart: an interpolated value becomes a bind (`$1`, `$2`, …) and never SQL.
///
/// Raw text needs `\(unescaped:)`, JSON text `\(json:)`.
public struct Query: Sendable, ExpressibleByStringInterpolation {
    package private(set) var sql: String
    package private(set) var binds: [Bind]

    /// One bound value in PostgreSQL's text form; `nil` is NULL.
    package struct Bind: Sendable {
        var type: UInt32
        var text: String?
    }

    /// SQL without values.
    public init(stringLiteral value: String) {
        sql = value
        binds = []
    }

    /// SQL with values.
    public init(stringInterpolation interpolation: Interpolation) {
        sql = interpolation.sql
        binds = interpolation.binds
    }

    /// Text as a literal, for statements that take no binds, such as COPY.
    package static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// The query between two pieces of SQL.
    package func wrapped(_ before: String, _ after: String) -> Query {
        var query = self
        query.sql = before + sql + after
        return query
    }

    /// Collects text and binds.
    public struct Interpolation: StringInterpolationProtocol {
        fileprivate var sql = ""
        fileprivate var binds: [Bind] = []

        /// An empty interpolation.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserveCapacity(literalCapacity + interpolationCount * 3)
        }

        /// Text of the statement itself.
        public mutating func appendLiteral(_ literal: String) { sql += literal }

        /// A value, bound.
        public mutating func appendInterpolation(_ value: some PostgresBindable) {
            append(type(of: value).postgresType, value.postgresText)
        }

        /// A value or NULL, bound.
        public mutating func appendInterpolation<Value: PostgresBindable>(_ value: Value?) {
            append(Value.postgresType, value?.postgresText)
        }

        /// JSON text, bound as `jsonb`.
        public mutating func appendInterpolation(json: String?) { append(3802, json) }

        /// Text put into the statement as it is: only for what the program itself wrote.
        public mutating func appendInterpolation(unescaped: String) { sql += unescaped }

        private mutating func append(_ type: UInt32, _ text: String?) {
            binds.append(Bind(type: type, text: text))
            sql += "$\(binds.count)"
        }
    }
}

/// A value that can be bound to a statement.
public protocol PostgresBindable: Sendable {
    /// Object identifier of its PostgreSQL type; 0 lets the server infer it.
    static var postgresType: UInt32 { get }
    /// The value in PostgreSQL's text form.
    var postgresText: String { get }
}

extension String: PostgresBindable {
    /// Inferred by the server.
    public static var postgresType: UInt32 { 0 }
    /// The text.
    public var postgresText: String { self }
}

extension Int: PostgresBindable {
    /// `int8`.
    public static var postgresType: UInt32 { 20 }
    /// Its digits.
    public var postgresText: String { String(self) }
}

extension Int64: PostgresBindable {
    /// `int8`.
    public static var postgresType: UInt32 { 20 }
    /// Its digits.
    public var postgresText: String { String(self) }
}

extension Double: PostgresBindable {
    /// `float8`.
    public static var postgresType: UInt32 { 701 }
    /// The shortest text that reads back as the same number.
    public var postgresText: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
        return "\(self)"
    }
}

extension Bool: PostgresBindable {
    /// `bool`.
    public static var postgresType: UInt32 { 16 }
    /// `t` or `f`.
    public var postgresText: String { self ? "t" : "f" }
}

extension Array: PostgresBindable where Element: PostgresArrayElement {
    /// The array type of the element.
    public static var postgresType: UInt32 { Element.postgresArrayType }
    /// `{…}`.
    public var postgresText: String { "{" + map(\.postgresElementText).joined(separator: ",") + "}" }
}

/// A value that can stand in a bound array.
public protocol PostgresArrayElement: PostgresBindable {
    /// Object identifier of the array type.
    static var postgresArrayType: UInt32 { get }
    /// The value as it stands between braces.
    var postgresElementText: String { get }
}

extension Double: PostgresArrayElement {
    /// `float8[]`.
    public static var postgresArrayType: UInt32 { 1022 }
    /// Its text.
    public var postgresElementText: String { postgresText }
}

extension Int64: PostgresArrayElement {
    /// `int8[]`.
    public static var postgresArrayType: UInt32 { 1016 }
    /// Its text.
    public var postgresElementText: String { postgresText }
}

extension String: PostgresArrayElement {
    /// `text[]`.
    public static var postgresArrayType: UInt32 { 1009 }
    /// The text, quoted.
    public var postgresElementText: String {
        var quoted = "\""
        for character in unicodeScalars {
            if character == "\"" || character == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}
