internal import Foundation

/// One program to run to its end.
///
/// Spawned directly: Foundation's `Process` takes a child for alive until every descriptor it was given is closed, and
/// a server that `pg_ctl` leaves behind keeps them open for as long as it runs.
struct Program {
    var arguments: [String]

    init(_ arguments: [String]) { self.arguments = arguments }

    /// Runs it and returns its exit code and what it printed.
    ///
    /// What it prints goes through a file rather than a pipe: a server it leaves behind would hold a pipe open for ever.
    func run() throws -> (code: Int32, output: String) {
        let path = NSTemporaryDirectory() + "suyo-\(UUID().uuidString).log"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // The caller's folder may be closed to the user the server runs as.
        let command = ["/bin/sh", "-c", "cd / && exec \"$@\"", "sh"] + arguments
        var words: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let failure = unsafe posix_spawn(&child, command[0], &actions, nil, &words, environ)
        guard failure == 0 else {
            throw PrivateDatabaseError("Cannot run \(arguments[0]): \(unsafe String(cString: strerror(failure)))")
        }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) == -1 && errno == EINTR {}
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        // The low seven bits are the signal that ended it, the next eight its exit code.
        return (status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f), text)
    }
}
