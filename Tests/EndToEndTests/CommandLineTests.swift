import Foundation
import TestSupport
import Testing

/// Help, errors and exit codes, as scripts and people meet them.
@Suite struct CommandLineTests {
    private let suyo = SuyoProcess()

    static let commands = [
        "demo", "serve", "doctor", "import", "db start", "db stop", "db status", "db url", "db psql", "db migrate",
        "data check", "data one-off", "data rejected", "data series", "jobs apply", "jobs list", "jobs show",
        "jobs next", "jobs run",
        "jobs pause", "jobs resume", "jobs runs", "jobs log", "jobs cancel", "jobs retry", "models list",
        "models history", "models show", "models compare", "models promote", "models rollback", "models reproduce",
        "models card", "models prune", "forecast show", "forecast export", "forecast explain", "forecast accuracy",
        "forecast total", "forecast value", "forecast adjust", "forecast withdraw",
        "plan replenishment", "plan exceptions", "plan acknowledge", "plan policies", "plan set-policy",
        "plan withdraw-policy", "file forecast", "file backtest", "bench", "config show",
    ]

    @Test(arguments: commands) func helpHasAnExampleAndFitsATerminal(command: String) async throws {
        let outcome = try await suyo.run(command.split(separator: " ").map(String.init) + ["-h"])
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("Example"), "\(outcome.output)")
    }

    static let mistakes: [(arguments: String, code: Int32)] = [
        ("jobs fly", 64), ("jobs show", 64), ("file forecast x.csv --frequency fortnightly", 64),
        ("import orders /nonexistent/orders.csv", 66),
        ("file forecast /nonexistent.csv --frequency daily --horizon 1", 66),
        ("file forecast - --frequency daily --horizon 1 --level 100", 64),
        ("file forecast - --frequency daily --horizon 1 -o a.csv --report a.csv", 64),
        ("file backtest - --frequency daily --horizon 1 --model auto,nothing", 64), ("bench --times 0", 64),
        ("bench --data demand.csv", 64), ("bench --data demand.csv --frequency daily --horizon 1 --series 3", 64),
        ("bench --data /nonexistent.csv --frequency daily --horizon 1", 66),
        ("jobs list --database postgresql://nobody@127.0.0.1:1/none", 69), ("jobs list --config /nonexistent.yaml", 78),
        ("jobs next --cron 61_*_*_*_*", 64), ("jobs next --cron 0_0_30_2_*", 1),
        ("jobs next --cron @daily --time-zone Mars/Base", 64), ("jobs next --cron @daily --gap never", 64),
        ("jobs next nightly --fold both", 64),
    ]

    @Test(arguments: mistakes) func errorsAreOneSentenceAndACode(mistake: String, code: Int32) async throws {
        let arguments = mistake.split(separator: " ").map { $0.replacingOccurrences(of: "_", with: " ") }
        let outcome = try await suyo.run(arguments)
        #expect(outcome.code == code, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(!outcome.errors.isEmpty)
        #expect(!outcome.errors.contains("Swift"), "\(outcome.errors)")
    }

    @Test func anEmptyFileAndOneWithoutItsColumnsAreBadData() async throws {
        #expect(try await suyo.run(["file", "forecast", "-", "--frequency", "daily", "--horizon", "1"]).code == 65)
        let outcome = try await suyo.run(
            ["file", "forecast", "-", "--frequency", "daily", "--horizon", "1"], input: "id,date,value\n1,2,3\n")
        #expect(outcome.code == 65)
        #expect(outcome.errors.contains("no column unique_id") && outcome.errors.contains("id, date, value"))
    }

    @Test func aScheduleIsPreviewedWithoutADatabase() async throws {
        let outcome = try await suyo.run([
            "jobs", "next", "--cron", "30 1 * * *", "--time-zone", "Europe/London", "--from", "2027-03-27", "--count",
            "2", "--format", "csv",
        ])
        // On the 28th the clocks go from 01:00 to 02:00: half past one is missing, and comes at the first instant after.
        #expect(
            outcome.output == """
                local,zone,utc,note
                2027-03-27 01:30:00,Europe/London,2027-03-27 01:30:00Z,
                2027-03-28 02:00:00,Europe/London,2027-03-28 01:00:00Z,the clocks skip 01:30

                """)
    }

    @Test(arguments: [
        (["--gap", "skip", "--from", "2027-03-28"], ["2027-03-29 00:30:00Z,"]),
        (
            ["--fold", "both", "--from", "2027-10-31"],
            ["2027-10-31 00:30:00Z,the first of two", "2027-10-31 01:30:00Z,the second of two"]
        ), (["--fold", "second", "--from", "2027-10-31"], ["2027-10-31 01:30:00Z,the second of two"]),
    ])
    func gapAndFoldAreForThePersonToSay(_ options: [String], _ expected: [String]) async throws {
        let outcome = try await suyo.run(
            ["jobs", "next", "--cron", "30 1 * * *", "--time-zone", "Europe/London", "--format", "csv", "--count"]
                + ["\(expected.count)"] + options)
        let lines = outcome.output.split(separator: "\n").dropFirst()
        #expect(lines.count == expected.count, "\(outcome)")
        #expect(zip(lines, expected).allSatisfy { $0.hasSuffix($1) }, "\(outcome.output)")
    }

    @Test func settingsSayWhereTheyComeFromAndKeepSecrets() async throws {
        let file = NSTemporaryDirectory() + "\(UUID().uuidString).yaml"
        try "threads: 3\nlog_level: debug\n".write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let process = SuyoProcess(environment: ["SUYO_LOG_LEVEL": "warning"])
        let outcome = try await process.run([
            "config", "show", "--config", file, "--database", "postgresql://me:hush@db/wms", "--format", "json",
        ])
        #expect(outcome.code == 0, "\(outcome.errors)")
        let rows = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
        func row(_ name: String) -> [String: Any]? { rows.first { $0["setting"] as? String == name } }
        #expect(row("threads")?["value"] as? String == "3")
        #expect(row("threads")?["from"] as? String == file)
        #expect(row("log_level")?["value"] as? String == "warning")
        #expect((row("log_level")?["from"] as? String)?.contains("SUYO_LOG_LEVEL") == true)
        #expect(row("database_url")?["from"] as? String == "flag")
        #expect(!outcome.output.contains("hush"))
    }

    @Test func anUnknownSettingIsRefusedWithLineAndChoices() async throws {
        let file = NSTemporaryDirectory() + "\(UUID().uuidString).yaml"
        try "threads: 2\nthreds: 3\n".write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let outcome = try await suyo.run(["config", "show", "--config", file])
        #expect(outcome.code == 78)
        #expect(outcome.errors.contains("\(file):2: there is no setting 'threds'"), "\(outcome.errors)")
    }
}
