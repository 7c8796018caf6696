/// Which database to connect to: a libpq connection string or URL.
///
/// Anything left out comes from libpq's own `PG*` variables and `~/.pgpass`.
public struct ConnectionTarget: Sendable, Hashable {
    package let text: String
    /// The connection string as given, with its password: never for people.
    package var connectionString: String { text }

    /// A target from `postgresql://…` or `key=value …`; empty means everything from the environment.
    public init(_ text: String) { self.text = text }
}

extension ConnectionTarget: CustomStringConvertible {
    /// The target without any password.
    public var description: String {
        guard !text.isEmpty else { return "the PG* environment variables" }
        var shown = text
        if let scheme = shown.range(of: "://"), let at = shown[scheme.upperBound...].lastIndex(of: "@") {
            let credentials = shown[scheme.upperBound..<at]
            if let colon = credentials.firstIndex(of: ":") { shown.replaceSubrange(colon..<at, with: ":***") }
        }
        for key in ["password=", "sslpassword="] {
            var start = shown.startIndex
            while let found = shown[start...].range(of: key) {
                let end = shown[found.upperBound...].firstIndex { $0 == " " || $0 == "&" } ?? shown.endIndex
                shown.replaceSubrange(found.upperBound..<end, with: "***")
                start = found.upperBound
            }
        }
        return shown
    }
}

extension Collection where Element: Equatable {
    /// The first place where another collection stands in this one.
    fileprivate func range(of other: some Collection<Element>) -> Range<Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].starts(with: other), let end = index(start, offsetBy: other.count, limitedBy: endIndex) {
                return start..<end
            }
            formIndex(after: &start)
        }
        return nil
    }
}
