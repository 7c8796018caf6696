import Foundation
import PostgresClient
import PrivateDatabase
import Testing

@Suite struct PrivateDatabaseTests {
    /// A home of the test's own, reachable by the user the server runs as, stopped and removed at the end.
    private func withHome(_ body: (PrivateDatabase) async throws -> Void) async throws {
        let home = "/tmp/suyo-\(UUID().uuidString.prefix(8))"
        let database = PrivateDatabase(home: home)
        do {
            try await body(database)
        } catch {
            _ = try? database.stop()
            try? FileManager.default.removeItem(atPath: home)
            throw error
        }
        try database.stop()
        try FileManager.default.removeItem(atPath: home)
    }

    private func ask(_ database: PrivateDatabase, _ query: Query) async throws -> String {
        let connection = try await Connection.connect(to: ConnectionTarget(database.url))
        return try await connection.query(query)[0].decode(0, as: String.self)
    }

    @Test func startsAnswersAndStops() async throws {
        try await withHome { database in
            #expect(database.status() == .absent)
            try database.start()
            try database.start()
            #expect(try await ask(database, "SHOW listen_addresses") == "")
            #expect(try await ask(database, "SHOW data_checksums") == "on")
            #expect(try await ask(database, "SELECT current_database()::text") == "suyo")
            #expect(try database.stop())
            #expect(database.status() == .stopped)
            #expect(try !database.stop())
        }
    }

    @Test func twoThatStartAtOnceDoNotFight() async throws {
        try await withHome { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await withCheckedThrowingContinuation { continuation in
                            Thread.detachNewThread { continuation.resume(with: Result { try database.start() }) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await ask(database, "SELECT 'up'") == "up")
        }
    }

    @Test func aCrashOfTheMachineIsSurvived() async throws {
        try await withHome { database in
            // Half of an initdb was left behind.
            try FileManager.default.createDirectory(
                atPath: database.home + "/data.partial/base", withIntermediateDirectories: true)
            try database.start()
            guard case .running(let processID) = database.status() else {
                Issue.record("it does not run")
                return
            }
            let connection = try await Connection.connect(to: ConnectionTarget(database.url))
            try await connection.execute("CREATE TABLE public.kept AS SELECT 1 AS one")
            #expect(kill(processID, SIGKILL) == 0)
            // Until every child has noticed, the shared memory is still in use.
            while (try? await connection.execute("SELECT 1")) != nil {}
            // After a reboot the number in the pid file is somebody else's: here, the test's own.
            let pidFile = database.home + "/data/postmaster.pid"
            let lines = try String(contentsOfFile: pidFile, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            let foreign = (["\(getpid())"] + lines.dropFirst().map(String.init)).joined(separator: "\n")
            try foreign.write(toFile: pidFile, atomically: true, encoding: .utf8)
            #expect(database.status() == .stopped)
            try database.start()
            #expect(try await ask(database, "SELECT one::text FROM public.kept") == "1")
        }
    }

    @Test func aPathTooLongForASocketIsRefusedWithAdvice() {
        let database = PrivateDatabase(home: "/tmp/" + String(repeating: "long", count: 30))
        let error = #expect(throws: PrivateDatabaseError.self) { try database.start() }
        #expect(error?.description.contains("SUYO_HOME") == true)
    }

    @Test func aMissingServerIsNamed() {
        let database = PrivateDatabase(
            home: "/tmp/suyo-nowhere", environment: ["SUYO_POSTGRES_BIN": "/nonexistent", "PATH": ""])
        let error = #expect(throws: PrivateDatabaseError.self) { try database.start() }
        #expect(error?.description.contains("apt-get install postgresql") == true)
    }
}
