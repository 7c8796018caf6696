import PostgresClient
import Store
import TestSupport
import Testing

@Suite struct OutboxConsumerTests {
    private func add(_ topic: String, to connection: Connection) async throws {
        try await connection.execute(
            "INSERT INTO forecast.outbox (topic, portfolio, payload) VALUES (\(topic), 'nightly', '{}')")
    }

    private func events(_ consumer: String, _ connection: Connection) async throws -> [Int] {
        try await connection.query("SELECT event_id FROM forecast.events(\(consumer), 10)").map {
            try $0.decode("event_id", as: Int.self)
        }
    }

    @Test func eventsComeAgainUntilTheyAreAcknowledgedAndThenNeverAgain() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await add("forecast_published", to: connection)
            try await connection.execute("SELECT forecast.subscribe('wms')")
            #expect(try await events("wms", connection) == [])
            try await add("forecast_published", to: connection)
            try await add("drift_opened", to: connection)
            #expect(try await events("wms", connection) == [2, 3])
            #expect(try await events("wms", connection) == [2, 3])
            let left = try await connection.query("SELECT forecast.acknowledge_events('wms', 2) AS left")
            #expect(try left[0].decode("left", as: Int.self) == 1)
            #expect(try await events("wms", connection) == [3])
            // Going back is asked for, never an accident.
            try await connection.execute("SELECT forecast.acknowledge_events('wms', 1)")
            #expect(try await events("wms", connection) == [3])
            try await connection.execute("SELECT forecast.subscribe('wms', from_start => true)")
            #expect(try await events("wms", connection) == [1, 2, 3])
            try await connection.execute(
                "SELECT forecast.subscribe('erp', topics => '{drift_opened}', from_start => true)")
            #expect(try await events("erp", connection) == [3])
            let lag = try await connection.query(
                "SELECT consumer, pending FROM forecast.consumer_lag ORDER BY consumer")
            #expect(try lag.map { try $0.decode("pending", as: Int.self) } == [1, 3])
        }
    }

    @Test func whatIsRolledBackWithItsWorkComesAgain() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await add("forecast_published", to: connection)
            try await connection.execute("SELECT forecast.subscribe('wms', from_start => true)")
            try await connection.execute("BEGIN")
            try await connection.execute("SELECT forecast.acknowledge_events('wms', 1)")
            try await connection.execute("ROLLBACK")
            #expect(try await events("wms", connection) == [1])
        }
    }

    /// Two transactions write an event each; the one that began first commits last.
    @Test func numbersFollowTheOrderInWhichEventsBecomeVisible() async throws {
        try await TestDatabase.with { test in
            let (slow, fast, reader) = (try await test.connect(), try await test.connect(), try await test.connect())
            try await reader.execute("SELECT forecast.subscribe('wms')")
            try await slow.execute("BEGIN")
            try await add("forecast_published", to: slow)
            async let second: Void = add("forecast_published", to: fast)
            try await waitUntil("the second waits its turn") {
                try await reader.query(
                    "SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND NOT granted"
                ).count >= 1
            }
            #expect(try await events("wms", reader) == [])
            try await slow.execute("COMMIT")
            try await second
            #expect(try await events("wms", reader) == [1, 2])
        }
    }

    @Test func oneWorkerOfASystemWaitsForTheOther() async throws {
        try await TestDatabase.with { test in
            let (first, second, watcher) = (
                try await test.connect(), try await test.connect(), try await test.connect()
            )
            try await add("forecast_published", to: first)
            try await first.execute("SELECT forecast.subscribe('wms', from_start => true)")
            try await first.execute("BEGIN")
            #expect(try await events("wms", first) == [1])
            async let seen = events("wms", second)
            try await waitUntil("the second worker waits") {
                try await watcher.query(
                    "SELECT FROM pg_catalog.pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%forecast.events%' AND datname = current_database()"
                ).count == 1
            }
            try await first.execute("SELECT forecast.acknowledge_events('wms', 1)")
            try await first.execute("COMMIT")
            #expect(try await seen == [])
        }
    }

    /// Nothing is kept for a system that is gone, and nobody ends another's.
    @Test func aSystemThatIsGoneIsTakenOff() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("SELECT forecast.subscribe('wms'), forecast.subscribe('theirs')")
            try await connection.execute("UPDATE forecast.outbox_consumer SET owner = 'x' WHERE consumer = 'theirs'")
            func ended(_ consumer: String) async throws -> Bool {
                try await connection.query("SELECT forecast.unsubscribe(\(consumer))")[0].decode(0, as: Bool.self)
            }
            #expect(try await ended("wms"))
            #expect(try await !ended("wms"))
            // A superuser is an operator as well; a reader is neither that nor the one who subscribed.
            try await connection.execute("SET SESSION AUTHORIZATION suyo_reader")
            let error = await #expect(throws: PostgresError.self) { try await ended("theirs") }
            #expect(error?.message.contains("consumer 'theirs' belongs to user x") == true)
            try await connection.execute("RESET SESSION AUTHORIZATION")
            #expect(try await ended("theirs"))
            let left = try await connection.query("SELECT consumer FROM forecast.consumer_lag")
            #expect(left.isEmpty)
        }
    }

    /// What `suyo doctor` says of one that has not read for a month.
    @Test func aSystemThatHasStoppedReadingIsNamed() async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("SELECT forecast.subscribe('wms'), forecast.subscribe('erp')")
            try await add("forecast_published", to: connection)
            #expect(try await DatabaseInspection(database: test.database).silentConsumers() == [])
            try await connection.execute("UPDATE forecast.outbox SET created_at = '2026-01-31 12:00Z'")
            try await connection.execute("SELECT forecast.acknowledge_events('erp', 1)")
            let silent = try await DatabaseInspection(database: test.database).silentConsumers()
            #expect(silent == ["wms of user suyo has left 1 events since 2026-01-31"])
        }
    }

    @Test(arguments: [
        ("SELECT * FROM forecast.events('mws')", "there is no consumer 'mws': SELECT forecast.subscribe('mws') first"),
        ("SELECT forecast.acknowledge_events('wms', 9)", "there is no event 9 yet: the last one is still to come"),
        ("SELECT forecast.subscribe(' ')", "a consumer needs a name"),
        (
            "SELECT forecast.subscribe('x', '{forecasts}')",
            "there is no topic 'forecasts'; there are forecast_published"
        ),
        ("SELECT * FROM forecast.events('wms', 0)", "at most 0 events are none"),
        ("SELECT * FROM forecast.events('theirs')", "belongs to another user"),
        ("SELECT forecast.subscribe('theirs')", "belongs to another user"),
    ])
    func mistakesAreNamed(statement: String, reason: String) async throws {
        try await TestDatabase.with { test in
            let connection = try await test.connect()
            try await connection.execute("SELECT forecast.subscribe('wms'), forecast.subscribe('theirs')")
            try await connection.execute("UPDATE forecast.outbox_consumer SET owner = 'x' WHERE consumer = 'theirs'")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.execute("\(unescaped: statement)")
            }
            #expect(error?.message.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
        }
    }
}
