internal import CLibPQ

/// Which database to connect to: a libpq connection string or URL.
///
/// Anything left out comes from libpq's own `PG*` variables and `~/.pgpass`.
public struct ConnectionTarget: Sendable, Hashable {
    package let text: String
    /// The connection string as given, with its password: never for people.
    package var connectionString: String { text }

    /// Whether a standby will do, since nothing is written there.
    package let mayBeReadOnly: Bool

    /// A target from `postgresql://…` or `key=value …`; empty means everything from the environment.
    public init(_ text: String, mayBeReadOnly: Bool = false) {
        self.text = text
        self.mayBeReadOnly = mayBeReadOnly
    }
}

extension ConnectionTarget: CustomStringConvertible {
    /// The target without any password, as `key=value` in libpq's own reading of it.
    public var description: String {
        guard !text.isEmpty else { return "the PG* environment variables" }
        guard text.contains("=") || text.contains("://") else { return "dbname=\(text)" }
        let options: UnsafeMutablePointer<PQconninfoOption>? = unsafe PQconninfoParse(text, nil)
        guard let options = unsafe options else { return "a connection string that libpq cannot read" }
        defer { unsafe PQconninfoFree(options) }
        var parts: [String] = []
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                let name = unsafe String(cString: keyword)
                parts.append("\(name)=\(name.hasSuffix("password") ? "***" : unsafe String(cString: value))")
            }
            unsafe option += 1
        }
        return parts.joined(separator: " ")
    }
}
