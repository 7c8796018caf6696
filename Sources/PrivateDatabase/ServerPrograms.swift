internal import Foundation

/// The distribution's PostgreSQL programs.
struct ServerPrograms {
    /// Folder with `initdb`, `pg_ctl` and `postgres`.
    var folder: String
    /// Major version, such as 15.
    var majorVersion: Int

    /// The newest installation of PostgreSQL 14 or later, or the one that `SUYO_POSTGRES_BIN` names.
    ///
    /// Looks where Debian, Ubuntu and the PostgreSQL project's packages install, since a single program on the PATH
    /// may lack the files beside it.
    static func find(environment: [String: String]) throws -> ServerPrograms {
        var folders: [String] = []
        if let named = environment["SUYO_POSTGRES_BIN"], !named.isEmpty {
            folders = [named]
        } else {
            for (root, prefix) in [
                ("/usr/lib/postgresql", ""), ("/usr", "pgsql-"), ("/opt/homebrew/opt", "postgresql@"),
            ] {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
                folders += names.filter { $0.hasPrefix(prefix) && Int($0.dropFirst(prefix.count)) != nil }
                    .map { "\(root)/\($0)/bin" }
            }
            folders += (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        }
        var found: [ServerPrograms] = []
        for folder in folders where hasPrograms(folder) {
            if let version = majorVersion(of: folder) {
                found.append(ServerPrograms(folder: folder, majorVersion: version))
            }
        }
        if let newest = found.max(by: { $0.majorVersion < $1.majorVersion }), newest.majorVersion >= 14 {
            return newest
        }
        throw PrivateDatabaseError(
            found.isEmpty
                ? "There is no PostgreSQL server on this machine: install it (Debian, Ubuntu: apt-get install postgresql), or name a database with --database."
                : "The PostgreSQL in \(found[0].folder) is older than 14: install a newer one, or name a database with --database."
        )
    }

    private static func hasPrograms(_ folder: String) -> Bool {
        ["initdb", "pg_ctl", "postgres"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
    }

    private static func majorVersion(of folder: String) -> Int? {
        // "postgres (PostgreSQL) 15.18 (Debian …)"
        guard let text = try? Program(["\(folder)/postgres", "--version"]).run().output else { return nil }
        let words = text.split(whereSeparator: { " .\n".contains($0) })
        return words.compactMap { Int($0) }.first
    }
}
