import Foundation
import PostgresClient
import PrivateDatabase
import Store
import TestSupport
import Testing

/// A company's database administrator gives us a database and no more.
@Suite struct UnprivilegedDatabaseTests {
    @Test func aDatabaseOfItsOwnIsAllARoleNeeds() async throws {
        // A server of the test's own, because roles belong to a whole server.
        let home = "/tmp/suyo-\(UUID().uuidString.prefix(8))"
        let server = PrivateDatabase(home: home)
        defer {
            _ = try? server.stop()
            try? FileManager.default.removeItem(atPath: home)
        }
        try server.start()
        let administrator = try await Connection.connect(to: ConnectionTarget(server.url))
        for role in ["suyo_reader", "suyo_ingest", "suyo_planner", "suyo_operator", "suyo_service"] {
            try await administrator.execute("DROP ROLE IF EXISTS \(unescaped: role)")
        }
        try await administrator.execute("CREATE ROLE plain LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB")
        try await administrator.execute("CREATE DATABASE wms OWNER plain")
        let url = "postgresql:///wms?host=\(home)/run&user=plain"
        let suyo = SuyoProcess()
        func doctor() async throws -> (code: Int32, roles: String) {
            let outcome = try await suyo.run(["doctor", "--database", url, "--format", "csv"])
            return (
                outcome.code,
                outcome.output.split(separator: "\n").first { $0.hasPrefix("roles,") }.map(String.init) ?? ""
            )
        }

        let migrated = try await suyo.run(["db", "migrate", "--database", url])
        #expect(migrated.code == 0, "\(migrated.errors)")
        // Suyo itself works without the roles, and says what is missing.
        var found = try await doctor()
        #expect(found.code == 0, "\(found.roles)")
        for role in ["suyo_reader", "suyo_ingest", "suyo_planner", "suyo_operator", "suyo_service"] {
            #expect(found.roles.contains(role), "\(found.roles)")
        }
        #expect(found.roles.contains("not there") && found.roles.contains("suyo db migrate"), "\(found.roles)")

        // The administrator creates them; they have no rights before the next migration.
        for role in ["suyo_reader", "suyo_ingest", "suyo_planner", "suyo_operator", "suyo_service"] {
            try await administrator.execute("CREATE ROLE \(unescaped: role) NOLOGIN")
        }
        found = try await doctor()
        #expect(found.code == 1)
        #expect(found.roles.contains("without rights") && !found.roles.contains("not there"), "\(found.roles)")
        #expect(try await suyo.run(["db", "migrate", "--database", url]).code == 0)
        found = try await doctor()
        #expect(found.code == 0, "\(found.roles)")
        #expect(found.roles.contains("all five exist"))

        // Somebody else is told which role is missing, for what.
        try await administrator.execute("CREATE ROLE kim LOGIN")
        let kim = "postgresql:///wms?host=\(home)/run&user=kim"
        var refused = try await suyo.run(["jobs", "list", "--database", kim])
        #expect(refused.code == 78, "\(refused.errors)")
        #expect(refused.errors.contains("User kim may not use suyo in this database: GRANT suyo_service TO kim"))
        try await administrator.execute("GRANT suyo_operator TO kim")
        #expect(try await suyo.run(["jobs", "list", "--database", kim]).code == 0)
        refused = try await suyo.run(["serve", "--database", kim])
        #expect(refused.code == 78, "\(refused.errors)")
        #expect(refused.errors.contains("GRANT suyo_service TO kim"), "\(refused.errors)")
        let examined = try await suyo.run(["doctor", "--database", kim])
        #expect(examined.output.contains("kim is in suyo_operator"), "\(examined.output)")
    }
}
