import Schemas
import Testing

@Suite struct MigrationTests {
    @Test func versionsCountUpFromOne() {
        #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
    }

    @Test func everyMigrationSaysWhatItIsFor() {
        for migration in Migration.all { #expect(migration.sql.hasPrefix("-- "), "v\(migration.version)") }
    }
}
