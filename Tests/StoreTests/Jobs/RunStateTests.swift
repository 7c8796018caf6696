import Foundation
import PostgresClient
import TestSupport
import Testing

/// The states of a run change along the arrows that ops/run-states.md draws, and along no others.
@Suite struct RunStateTests {
    private static let states = ["scheduled", "available", "running", "retryable", "completed", "failed", "cancelled"]

    /// The arrows of the drawing, without those from and to its ends.
    private static func drawn() throws -> Set<[String]> {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../ops/run-states.md")
        let arrow = /^ +(\w+) --> (\w+)/.anchorsMatchLineEndings()
        return Set(
            try String(contentsOf: file, encoding: .utf8).matches(of: arrow).map { [String($0.1), String($0.2)] })
    }

    @Test func onlyTheArrowsDrawnAreTaken() async throws {
        let drawn = try RunStateTests.drawn()
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            var taken: Set<[String]> = []
            for from in RunStateTests.states {
                for to in RunStateTests.states where from != to {
                    try await connection.execute(
                        "INSERT INTO suyo.run (job_name, kind, state, reason) VALUES ('a', 'test', \(from), 'person')")
                    do {
                        try await connection.execute(
                            """
                            UPDATE suyo.run SET state = \(to)
                            WHERE run_id = (SELECT pg_catalog.max(run_id) FROM suyo.run)
                            """)
                        taken.insert([from, to])
                    } catch let error as PostgresError {
                        #expect(error.message.hasSuffix("is \(from), and from there no run becomes \(to)"))
                    }
                }
            }
            #expect(taken == drawn)
        }
    }
}
