internal import Foundation

/// The PostgreSQL server that Suyo runs for itself where no database is named.
///
/// It lives under a home folder: `data` the cluster, `run` its socket, `log` what it says, `lock` the lock that keeps
/// two commands from starting it at once. It never listens on TCP. Whoever may enter `run` (its owner and root, mode
/// 0700) may connect without a password: that is what the file system already guards, and a password kept beside it
/// would guard nothing more.
public struct PrivateDatabase: Sendable {
    /// What the server is doing.
    public enum Status: Sendable, Equatable {
        /// Nothing was ever set up here.
        case absent
        /// Set up, and not running.
        case stopped
        /// Running, under this process number.
        case running(processID: Int32)
    }

    /// The home folder.
    public let home: String
    private let environment: [String: String]

    /// A database at a home folder; without one at `SUYO_HOME`, else `~/.local/share/suyo`, for root `/var/lib/suyo`.
    ///
    /// Root's own home is closed to the user the server must run as, hence the other place.
    public init(home: String? = nil, environment: [String: String]? = nil) {
        let environment = environment ?? ProcessInfo.processInfo.environment
        self.environment = environment
        let named = home ?? environment["SUYO_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let usual =
            geteuid() == 0
            ? "/var/lib/suyo" : (environment["HOME"] ?? NSHomeDirectory()) + "/.local/share/suyo"
        let path = named ?? usual
        self.home = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    private var data: String { home + "/data" }
    private var run: String { home + "/run" }
    /// What the server says.
    public var logPath: String { home + "/log/postgresql.log" }

    /// How to connect.
    public var url: String {
        let host =
            run.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "/-._~")))
            ?? run
        return "postgresql:///suyo?host=\(host)&user=suyo"
    }

    /// What the server is doing, whatever its pid file says.
    public func status() -> Status {
        guard FileManager.default.fileExists(atPath: data + "/PG_VERSION") else { return .absent }
        guard let processID = serverProcess() else { return .stopped }
        return .running(processID: processID)
    }

    /// Starts the server if it does not run, setting it up the first time; `report` hears what takes long.
    ///
    /// Safe to call from several processes at once. Throws ``PrivateDatabaseError`` with the server's own words where
    /// it does not start.
    public func start(report: (String) -> Void = { _ in }) throws {
        if case .running = status(), FileManager.default.fileExists(atPath: socketPath) { return }
        let owner = try ServerOwner.find()
        let programs = try ServerPrograms.find(environment: environment)
        guard socketPath.utf8.count <= 107 else {
            throw PrivateDatabaseError(
                "The path of the database's socket, \(socketPath), is longer than 107 bytes: set SUYO_HOME to a shorter folder."
            )
        }
        try owner.makePrivateFolder(home)
        try withLock {
            if case .running = status(), FileManager.default.fileExists(atPath: socketPath) { return }
            for folder in [run, home + "/log"] { try owner.makePrivateFolder(folder) }
            try checkReachable(owner)
            if status() == .absent {
                report("Setting up a private PostgreSQL \(programs.majorVersion) in \(home) ...")
                try initialise(programs, owner)
            }
            try checkVersion(programs)
            removeStaleLocks()
            try writeSettings(owner)
            let started = try owner.command([
                programs.folder + "/pg_ctl", "-D", data, "-l", logPath, "-w", "-t", "300", "start",
            ]).run()
            guard started.code == 0 else {
                throw PrivateDatabaseError("The private PostgreSQL does not start; \(logPath) ends with: \(logTail())")
            }
            try createDatabase(programs, owner)
        }
    }

    /// Stops the server; `false` where it did not run.
    @discardableResult
    public func stop() throws -> Bool {
        guard case .running = status() else { return false }
        return try withLock {
            guard case .running = status() else { return false }
            let programs = try ServerPrograms.find(environment: environment)
            let stopped = try ServerOwner.find().command([
                programs.folder + "/pg_ctl", "-D", data, "-m", "fast", "-w", "-t", "120", "stop",
            ]).run()
            guard stopped.code == 0 else {
                throw PrivateDatabaseError(
                    "The private PostgreSQL does not stop: \(PrivateDatabase.oneLine(stopped.output))")
            }
            return true
        }
    }

    private var socketPath: String { run + "/.s.PGSQL.5432" }

    /// The server's process, if the one named in its pid file is alive and works in our data folder.
    private func serverProcess() -> Int32? {
        guard let contents = FileManager.default.contents(atPath: data + "/postmaster.pid"),
            let first = String(decoding: contents, as: UTF8.self).split(separator: "\n").first,
            let processID = Int32(first.trimmingCharacters(in: .whitespaces)), processID > 0
        else { return nil }
        guard kill(processID, 0) == 0 || errno == EPERM else { return nil }
        // After a crash of the machine the number may be anybody's by now.
        if let folder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(processID)/cwd") {
            return URL(fileURLWithPath: folder).standardizedFileURL.path
                == URL(fileURLWithPath: data).resolvingSymlinksInPath().path ? processID : nil
        }
        // Where there is a /proc, a process without a readable folder is a dead one waiting for its parent, or another's.
        let isUnknown = FileManager.default.fileExists(atPath: "/proc/self/cwd")
        return !isUnknown && FileManager.default.fileExists(atPath: socketPath) ? processID : nil
    }

    private func removeStaleLocks() {
        guard serverProcess() == nil else { return }
        for path in [data + "/postmaster.pid", socketPath, socketPath + ".lock"] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    private func initialise(_ programs: ServerPrograms, _ owner: ServerOwner) throws {
        // Beside its place and then renamed, so that a half-finished one is never taken for a whole one.
        let partial = data + ".partial"
        try? FileManager.default.removeItem(atPath: partial)
        try? FileManager.default.removeItem(atPath: data)
        let made = try owner.command([
            programs.folder + "/initdb", "-D", partial, "-U", "suyo", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--data-checksums",
        ]).run()
        guard made.code == 0, unsafe rename(partial, data) == 0 else {
            try? FileManager.default.removeItem(atPath: partial)
            throw PrivateDatabaseError(
                "The private PostgreSQL cannot be set up in \(home): \(PrivateDatabase.oneLine(made.output))")
        }
    }

    private func checkVersion(_ programs: ServerPrograms) throws {
        let text = FileManager.default.contents(atPath: data + "/PG_VERSION").map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let version = text.flatMap({ Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }),
            version != programs.majorVersion
        else { return }
        throw PrivateDatabaseError(
            "The private database was made by PostgreSQL \(version), and \(programs.majorVersion) is installed: install postgresql-\(version), or move the data with pg_upgrade."
        )
    }

    /// As root the server runs as somebody else, who must be able to reach the home folder.
    private func checkReachable(_ owner: ServerOwner) throws {
        guard let user = owner.user else { return }
        let reached = try owner.command(["/usr/bin/test", "-w", run]).run()
        guard reached.code == 0 else {
            throw PrivateDatabaseError(
                "The user \(user.name), whom PostgreSQL must run as, cannot reach \(home): set SUYO_HOME to a folder outside of root's own."
            )
        }
    }

    /// Settings for a machine with two cores to spare; rewritten at every start, so that a newer suyo brings newer ones.
    private func writeSettings(_ owner: ServerOwner) throws {
        let settings = """
            # Written by suyo at every start. Put your own settings into postgresql.conf, below the include.
            listen_addresses = ''
            unix_socket_directories = '\(run.replacingOccurrences(of: "'", with: "''"))'
            unix_socket_permissions = 0700
            port = 5432
            timezone = 'UTC'
            log_timezone = 'UTC'
            shared_buffers = 256MB
            work_mem = 64MB
            maintenance_work_mem = 256MB
            max_wal_size = 4GB
            wal_compression = on
            checkpoint_timeout = 15min
            max_parallel_workers_per_gather = 1
            jit = off
            """
        let path = data + "/suyo.conf"
        try settings.write(toFile: path, atomically: true, encoding: .utf8)
        if let user = owner.user { unsafe chown(path, user.id, user.group) }
        let main = data + "/postgresql.conf"
        guard let current = FileManager.default.contents(atPath: main) else { return }
        let text = String(decoding: current, as: UTF8.self)
        guard !text.contains("include 'suyo.conf'"), let file = FileHandle(forWritingAtPath: main) else { return }
        try file.seekToEnd()
        try file.write(contentsOf: Data("\ninclude 'suyo.conf'\n".utf8))
        try file.close()
    }

    private func createDatabase(_ programs: ServerPrograms, _ owner: ServerOwner) throws {
        let arguments = [programs.folder + "/psql", "-X", "-h", run, "-U", "suyo", "-d", "postgres", "-Atc"]
        let found = try owner.command(arguments + ["SELECT 1 FROM pg_database WHERE datname = 'suyo'"]).run()
        if found.output.contains("1") { return }
        let made = try owner.command(arguments + ["CREATE DATABASE suyo"]).run()
        guard made.code == 0 else {
            throw PrivateDatabaseError("The database suyo cannot be made: \(PrivateDatabase.oneLine(made.output))")
        }
    }

    private func withLock<Result>(_ body: () throws -> Result) throws -> Result {
        let path = home + "/lock"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PrivateDatabaseError("Cannot open \(path): \(unsafe String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw PrivateDatabaseError("Cannot lock \(path).") }
        }
        return try body()
    }

    private func logTail() -> String {
        guard let contents = FileManager.default.contents(atPath: logPath) else { return "nothing" }
        let lines = String(decoding: contents.suffix(2000), as: UTF8.self).split(separator: "\n")
        return lines.suffix(3).joined(separator: " | ")
    }

    private static func oneLine(_ text: String) -> String {
        text.split(separator: "\n").suffix(4).joined(separator: " | ")
    }
}
