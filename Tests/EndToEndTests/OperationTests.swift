import Foundation
import PostgresClient
import TestSupport
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The daemon as its surroundings see it: over HTTP, by systemd's protocol, by signals.
@Suite struct OperationTests {
    @Test func itAnswersOverHTTP() async throws {
        try await Company.with { company in
            let address = "127.0.0.1:\(ListeningSocket.freePort())"
            let outcome = try await company.suyo.running(["serve", "--http", address]) { daemon in
                try await waitUntil("it is healthy") { (try? await fetch("http://\(address)/healthz").code) == 200 }
                #expect(try await fetch("http://\(address)/readyz") == (200, "ok\n"))
                try await company.enqueue()
                try await waitUntil("its numbers tell of the run") {
                    let text = try await fetch("http://\(address)/metrics").text
                    return text.contains("suyo_run_seconds_count{kind=\"retrain\",outcome=\"completed\"} 1\n")
                        && text.contains("suyo_run_lateness_seconds_count 1\n")
                        && text.contains("suyo_queue_runs{state=\"available\"} 0\n")
                        && text.contains("suyo_forecast_stale{portfolio=\"nightly\"} 0\n")
                        && text.contains("suyo_forecast_age_seconds{portfolio=\"nightly\"} ")
                }
                // Somebody has migrated the database for a newer suyo.
                try await company.connection.execute(
                    "INSERT INTO suyo.migration (version, name, checksum) VALUES (999, 'future', '')")
                let answer = try await fetch("http://\(address)/readyz")
                #expect(answer.code == 503)
                #expect(answer.text.contains("use a newer suyo"))
                #expect(try await fetch("http://\(address)/healthz").code == 200)
                #expect(try await fetch("http://\(address)/nothing").code == 404)
                daemon.send(.terminate)
            }
            #expect(outcome.code == 0, "\(outcome.errors)")
        }
    }

    @Test func aPortInUseIsSaid() async throws {
        try await Company.with { company in
            let taken = ListeningSocket()
            let outcome = try await company.suyo.run(["serve", "--http", "127.0.0.1:\(taken.port)"])
            #expect(outcome.code == 69, "\(outcome.errors)")
            let complaint = "suyo: Cannot listen on 127.0.0.1:\(taken.port) (http): Address already in use.\n"
            #expect(outcome.errors.contains(complaint), "\(outcome.errors)")
            #expect(try await company.suyo.run(["serve", "--http", "nowhere"]).code == 78)
        }
    }

    @Test func systemdIsToldAndAHangUpReloads() async throws {
        try await Company.with { company in
            let socket = try NotifySocket()
            let folder = NSTemporaryDirectory() + "suyo-jobs-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            func declare(_ name: String, _ more: String = "") throws {
                try "name: \(name)\nkind: retrain\n\(more)".write(
                    toFile: folder + "/job.yaml", atomically: true, encoding: .utf8)
            }
            func jobs() async throws -> String? {
                try await company.text("SELECT pg_catalog.string_agg(name, ' ') FROM suyo.job WHERE removed_at IS NULL")
            }
            try declare("first")
            var suyo = company.suyo
            suyo.environment["NOTIFY_SOCKET"] = socket.path
            suyo.environment["WATCHDOG_USEC"] = "30000000"
            let outcome = try await suyo.running(["serve", "--jobs", folder]) { daemon in
                #expect(await socket.receive() == "READY=1\nSTATUS=0 runs under way, 0 done")
                #expect(await socket.receive() == "WATCHDOG=1")
                #expect(try await jobs() == "first")
                try declare("second")
                func reload() async {
                    daemon.send(.hangUp)
                    // Told in this order: that it reloads, and that it is ready again.
                    for expected in ["RELOADING=1", "READY=1"] {
                        while true {
                            let message = await socket.receive()
                            if message.hasPrefix("WATCHDOG=1") || message.hasPrefix("STATUS=") { continue }
                            #expect(message.hasPrefix(expected))
                            break
                        }
                    }
                }
                await reload()
                #expect(try await jobs() == "second")
                try declare("third", "nonsense: true\n")
                await reload()
                #expect(try await jobs() == "second")
                daemon.send(.terminate)
            }
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("job files not applied") && outcome.errors.contains("nonsense"))
            #expect(socket.rest().contains("STOPPING=1\nSTATUS=stopping, 0 runs under way, 0 done"))
        }
    }

    @Test func aLogIsFollowedToTheEndOfItsRun() async throws {
        try await Company.with { company in
            let outcome = try await company.suyo.running(["serve"]) { daemon in
                try await company.hold("demand.order_line") {
                    try await company.enqueue()
                    try await company.waitForWaiter(on: "demand.order_line")
                    async let followed = company.suyo.run(["jobs", "log", "1", "--follow", "--format", "csv"])
                    // Whoever follows waits, while the attempt does.
                    try await waitUntil("it is followed") {
                        try await company.text(
                            "SELECT pg_catalog.count(*)::text FROM pg_catalog.pg_stat_activity WHERE query LIKE '%run_log%'"
                        ) != "0"
                    }
                    try #require(daemon.children.first).send(.kill)
                    try await company.waitForState("retryable")
                    #expect(try await company.suyo.run(["jobs", "cancel", "1"]).code == 0)
                    let log = try await followed
                    #expect(log.code == 0, "\(log.errors)")
                    #expect(log.output.hasPrefix("at,attempt,level,failure,message\n"))
                    #expect(log.output.contains(",1,error,crash,the attempt was killed by signal 9 (KILL)\n"))
                    #expect(log.output.contains(",warning,,asked to stop by "), "\(log.output)")
                }
                daemon.send(.terminate)
            }
            #expect(outcome.code == 0, "\(outcome.errors)")
        }
    }

    private func fetch(_ url: String) async throws -> (code: Int, text: String) {
        let (data, response) = try await URLSession.shared.data(from: try #require(URL(string: url)))
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }
}
