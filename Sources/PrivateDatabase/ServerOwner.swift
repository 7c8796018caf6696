internal import Foundation

/// The user the server runs as: oneself, or as root somebody else, since PostgreSQL refuses root.
struct ServerOwner {
    /// `nil` is oneself.
    var user: (name: String, id: uid_t, group: gid_t)?

    /// Oneself, or as root the first of `postgres`, `nobody` and `daemon` that exists.
    static func find() throws -> ServerOwner {
        guard geteuid() == 0 else { return ServerOwner(user: nil) }
        for name in ["postgres", "nobody", "daemon"] {
            if let entry = unsafe getpwnam(name) {
                return ServerOwner(user: (name, unsafe entry.pointee.pw_uid, unsafe entry.pointee.pw_gid))
            }
        }
        throw PrivateDatabaseError(
            "PostgreSQL refuses to run as root, and there is no user postgres, nobody or daemon to run it as: create one, or run suyo as an ordinary user."
        )
    }

    /// A command as that user.
    func command(_ arguments: [String]) throws -> Program {
        guard let user else { return Program(arguments) }
        for path in ["/usr/bin/setpriv", "/bin/setpriv"] where FileManager.default.isExecutableFile(atPath: path) {
            return Program(
                [path, "--reuid", "\(user.id)", "--regid", "\(user.group)", "--init-groups", "--"] + arguments)
        }
        throw PrivateDatabaseError(
            "Running PostgreSQL as \(user.name) needs setpriv: install util-linux, or run suyo as an ordinary user.")
    }

    /// Makes a folder that only the owner (and root) may enter.
    func makePrivateFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw PrivateDatabaseError("Cannot make the folder \(path): \(error.localizedDescription)")
        }
        if let user { unsafe chown(path, user.id, user.group) }
        unsafe chmod(path, 0o700)
    }
}
