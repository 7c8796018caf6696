import ArgumentParser
import Foundation
import PostgresClient
import PrivateDatabase
import Settings
import Store
import Terminal

struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "The database: the private PostgreSQL, and the schema of any.",
        subcommands: [Start.self, Stop.self, Status.self, URL.self, Psql.self, Migrate.self])

    /// The private PostgreSQL, or an error where the settings name another.
    static func privateDatabase(_ options: DatabaseOptions) throws -> PrivateDatabase {
        let (target, privateDatabase) = Workspace.locate(try options.settings())
        guard let privateDatabase else {
            throw Failure(
                .usage, "The settings name a database of yours (\(target)), which suyo neither starts nor stops.")
        }
        return privateDatabase
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Starts the private PostgreSQL, setting it up the first time.",
            discussion: "Example:  suyo db start")
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            _ = try DatabaseCommand.privateDatabase(options)
            let workspace = try await Workspace.open(options)
            print("The private PostgreSQL runs in \(workspace.privateDatabase?.home ?? "?").")
        }
    }

    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stops the private PostgreSQL; whatever is under way is rolled back.",
            discussion: "Example:  suyo db stop")
        @OptionGroup var options: DatabaseOptions

        func run() throws {
            let database = try DatabaseCommand.privateDatabase(options)
            print(
                try database.stop()
                    ? "The private PostgreSQL in \(database.home) is stopped."
                    : "No private PostgreSQL was running in \(database.home).")
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says whether the database answers; exit 1 where it does not.",
            discussion: "Example:  suyo db status")
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let (target, privateDatabase) = Workspace.locate(try options.settings())
            if let privateDatabase {
                switch privateDatabase.status() {
                case .absent: print("No private PostgreSQL was set up in \(privateDatabase.home) yet: suyo db start.")
                case .stopped: print("The private PostgreSQL in \(privateDatabase.home) is stopped: suyo db start.")
                case .running(let processID):
                    print("The private PostgreSQL in \(privateDatabase.home) runs as process \(processID).")
                    return
                }
                throw ExitCode(Failure.Code.checkFailed.rawValue)
            }
            let inspection = DatabaseInspection(database: Database(target: target, size: 1))
            print("PostgreSQL \(try await inspection.server().version) answers at \(target).")
        }
    }

    struct URL: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "url", abstract: "Prints how to connect, for psql and other programs.",
            discussion: "Example:  psql \"$(suyo db url)\"")
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let (target, privateDatabase) = Workspace.locate(try options.settings())
            if let privateDatabase {
                try privateDatabase.start { say($0) }
                print(privateDatabase.url)
            } else {
                print(target)
            }
        }
    }

    struct Psql: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "psql", abstract: "Opens psql on the database; arguments go to psql.",
            discussion: "Example:  suyo db psql -- -c 'SELECT * FROM forecast.current LIMIT 5'")
        @OptionGroup var options: DatabaseOptions
        @Argument(parsing: .captureForPassthrough, help: "Arguments of psql.") var arguments: [String] = []

        func run() async throws {
            // Everything after the first argument goes to psql, and so would a call for help.
            if ["-h", "--help"].contains(arguments.first) { throw CleanExit.helpRequest(self) }
            let workspace = try await Workspace.open(options)
            await workspace.database.close()
            var words = ["psql"]
            let url = workspace.privateDatabase?.url ?? workspace.settings.databaseURL ?? ""
            if !url.isEmpty { words += ["-d", url] }
            words += arguments.first == "--" ? Array(arguments.dropFirst()) : arguments
            var pointers: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
            unsafe execvp("psql", &pointers)
            throw Failure(.unavailable, "psql cannot be run: install postgresql-client.")
        }
    }

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings the database's schema up to this suyo; twice changes nothing.",
            discussion: "Example:  suyo db migrate --database postgresql://admin@db.example/wms")
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let (target, privateDatabase) = Workspace.locate(try options.settings())
            try privateDatabase?.start { say($0) }
            let database = Database(target: target)
            let applied: [String]
            do {
                applied = try await Migrator(database: database).migrate()
            } catch let error as PostgresError where error.code == .insufficientPrivilege {
                throw Failure(
                    .configuration,
                    "\(error.message): a user who owns the database, or has CREATE on it, must run suyo db migrate.")
            }
            let missing = try await DatabaseInspection(database: database).roles().filter { !$0.exists }.map(\.name)
            if !missing.isEmpty {
                say(
                    "The roles \(missing.joined(separator: ", ")) were not made, since this user may not create roles; whoever may can run suyo db migrate again, or grant rights by hand."
                )
            }
            print(
                applied.isEmpty
                    ? "The schema is up to date."
                    : "Applied \(applied.count) migrations: \(applied.joined(separator: ", "))."
            )
        }
    }
}
