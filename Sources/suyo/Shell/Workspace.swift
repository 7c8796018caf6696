import Foundation
import PostgresClient
import PrivateDatabase
import Settings
import Store

/// The database a command works on, opened.
struct Workspace {
    let settings: Settings
    let target: ConnectionTarget
    let database: Database
    /// The private PostgreSQL, where that is what is used.
    let privateDatabase: PrivateDatabase?

    /// Where the settings point, without touching anything.
    static func locate(_ settings: Settings) -> (target: ConnectionTarget, privateDatabase: PrivateDatabase?) {
        if let url = settings.databaseURL { return (ConnectionTarget(url), nil) }
        let environment = ProcessInfo.processInfo.environment
        let variables = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE", "PGUSER"]
        if variables.contains(where: { !(environment[$0] ?? "").isEmpty }) { return (ConnectionTarget(""), nil) }
        let privateDatabase = PrivateDatabase(home: settings.home)
        return (ConnectionTarget(privateDatabase.url), privateDatabase)
    }

    /// Opens the database: a private one is started and brought up to date; another must have been migrated already,
    /// unless `migrating`.
    static func open(_ options: DatabaseOptions, migrating: Bool = false, connections: Int = 4) async throws
        -> Workspace
    {
        try await open(try options.settings(), migrating: migrating, connections: connections)
    }

    /// Opens the database that the settings name.
    ///
    /// A statement that takes longer than `statementTimeout` is cancelled.
    static func open(
        _ settings: Settings, migrating: Bool = false, connections: Int = 4, statementTimeout: Duration? = nil
    ) async throws -> Workspace {
        let (target, privateDatabase) = locate(settings)
        try privateDatabase?.start { say($0) }
        let database = Database(target: target, size: connections, statementTimeout: statementTimeout)
        let migrator = Migrator(database: database)
        do {
            try await migrator.verify()
        } catch let refusal as Migrator.Refusal {
            guard migrating || privateDatabase != nil, refusal.isMended else { throw refusal }
            _ = try await migrator.migrate()
        }
        return Workspace(settings: settings, target: target, database: database, privateDatabase: privateDatabase)
    }
}

extension Migrator.Refusal {
    /// Whether `suyo db migrate` would mend it.
    fileprivate var isMended: Bool {
        switch self {
        case .notMigrated, .databaseIsOlder: true
        default: false
        }
    }
}
