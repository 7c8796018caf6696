import Foundation
package import PostgresClient
package import Store

/// A database of its own for one test, on the server that the test command started.
package struct TestDatabase: Sendable {
    package let target: ConnectionTarget
    package let name: String
    package let database: Database

    /// Why there is no database to test against.
    package struct Missing: Error, CustomStringConvertible {
        package var description: String {
            "SUYO_TEST_DATABASE_URL is not set: run the tests with ops/test, which starts a PostgreSQL for them."
        }
    }

    /// The server's own target, for tests that need more than one connection or other rights.
    package static func server() throws -> String {
        guard let url = ProcessInfo.processInfo.environment["SUYO_TEST_DATABASE_URL"] else { throw Missing() }
        return url
    }

    /// Makes a database, runs `body` with it, and drops it.
    package static func with(migrated: Bool = true, _ body: (TestDatabase) async throws -> Void) async throws {
        await gate.enter()
        do {
            try await withDatabase(migrated: migrated, body)
        } catch {
            await gate.leave()
            throw error
        }
        await gate.leave()
    }

    /// Tests run all at once; the server takes only so many connections, and each test has a handful.
    private static let gate = Gate(places: 16)

    private static func withDatabase(
        migrated: Bool, _ body: (TestDatabase) async throws -> Void
    ) async throws {
        let server = try server()
        let administrator = try await Connection.connect(to: ConnectionTarget(server))
        let name = "suyo_test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        // ICU or C would do as well; an empty template keeps a stray template1 out of the test.
        try await administrator.execute("CREATE DATABASE \(unescaped: name) TEMPLATE template0")
        let url = server.replacingOccurrences(of: ":///postgres", with: ":///\(name)")
        let test = TestDatabase(
            target: ConnectionTarget(url), name: name, database: Database(target: ConnectionTarget(url)))
        do {
            if migrated { _ = try await Migrator(database: test.database).migrate() }
            try await body(test)
        } catch {
            await test.drop(administrator)
            throw error
        }
        await test.drop(administrator)
    }

    /// The URL of this database, for processes of their own.
    package var url: String { target.connectionString }

    /// A connection of the test's own, with an empty search path, as every consumer might have.
    package func connect() async throws -> Connection {
        let connection = try await Connection.connect(to: target)
        try await connection.execute("SET search_path = ''")
        return connection
    }

    private func drop(_ administrator: Connection) async {
        await database.close()
        _ = try? await administrator.execute("DROP DATABASE \(unescaped: name) WITH (FORCE)")
    }
}

/// Lets so many in at once; the others wait their turn.
private actor Gate {
    private var places: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { self.places = places }

    func enter() async {
        if places > 0 {
            places -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
    }
}
