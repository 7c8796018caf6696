import Foundation
import PostgresClient
import TestSupport
import Testing

/// Versions as a person meets them: judged, promoted, rolled back, compared, refitted and described by the command.
@Suite struct ModelsCommandTests {
    /// Version 1 by `auto`, and after the job asked for the mean: version 2, which the gate refused, and 3, which holds on to
    /// the models of 1.
    private func with(_ body: (Company) async throws -> Void) async throws {
        try await Company.with { company in
            for model in ["auto", "mean"] {
                try await company.apply(
                    """
                    name: nightly
                    kind: retrain
                    spec: { frequency: daily, horizon: 7, origins: 2, model: \(model) }
                    """)
                let run = try await company.suyo.run(["jobs", "run", "nightly"])
                try #require(run.code == 0, "\(run.errors)")
                #expect(run.output.contains("Gate: "), "\(run.output)")
            }
            try await body(company)
        }
    }

    private func current(_ company: Company) async throws -> String? {
        try await company.text("SELECT pg_catalog.string_agg(DISTINCT version_id::text, ' ') FROM forecast.current")
    }

    @Test func aRefusedVersionIsPromotedAndRolledBackByCommand() async throws {
        try await with { company in
            func suyo(_ arguments: String...) async throws -> SuyoProcess.Outcome {
                try await company.suyo.run(["models"] + arguments)
            }
            #expect(try await current(company) == "3")
            let history = try await suyo("history", "--format", "table")
            #expect(
                history.output.split(separator: "\n").dropFirst(2).map { $0.split(separator: " ").last ?? "" }
                    == ["champion", "refused", "earlier"], "\(history.output)")
            #expect(try await suyo("show", "2").output.contains("refused"))

            let promoted = try await suyo("promote", "2", "--reason", "the warehouse wants it simple")
            #expect(promoted.code == 0, "\(promoted.errors)")
            #expect(
                promoted.output.hasPrefix("Version 2 is the champion of nightly, in place of 3;"), "\(promoted.output)")
            #expect(try await current(company) == "2")
            #expect(try await company.text("SELECT DISTINCT model FROM forecast.current") == "mean")
            #expect(try await suyo("show", "2").output.contains("the warehouse wants it simple"))

            let again = try await suyo("promote", "2", "--reason", "once more")
            #expect(again.code == 65)
            #expect(again.errors.contains("version 2 is the champion of nightly already"), "\(again.errors)")
            let unknown = try await suyo("promote", "99", "--reason", "x")
            #expect(unknown.code == 65)
            #expect(unknown.errors.contains("3 of nightly, 2 of nightly, 1 of nightly"), "\(unknown.errors)")
            #expect(try await suyo("promote", "3").code == 64)
            #expect(try await suyo("promote", "3", "--reason", " ").code == 65)

            let back = try await suyo("rollback", "--to", "1", "--reason", "too flat")
            #expect(back.code == 0, "\(back.errors)")
            #expect(back.output.hasPrefix("Version 1 is the champion of nightly, in place of 2;"), "\(back.output)")
            #expect(try await current(company) == "1")
            let further = try await suyo("rollback", "nightly", "--reason", "x")
            #expect(further.code == 65)
            #expect(further.errors.contains("none before it to go back to"), "\(further.errors)")
            #expect(
                try await company.text(
                    "SELECT pg_catalog.string_agg(pg_catalog.concat(action, ' ', version_id), ', ' ORDER BY promotion_id) FROM suyo.promotion_log"
                ) == "promote 1, promote 3, promote 2, rollback 1")
        }
    }

    @Test func versionsAreComparedRefittedAndDescribed() async throws {
        try await with { company in
            let compared = try await company.suyo.run(["models", "compare", "1", "2"])
            #expect(compared.code == 0, "\(compared.errors)")
            #expect(compared.output.contains("3 series in both"), "\(compared.output)")
            for version in ["1", "2", "3"] {
                let again = try await company.suyo.run(["models", "reproduce", version])
                #expect(again.code == 0, "\(again.errors)")
                #expect(again.output.contains("Version \(version) is reproduced: 3 series"), "\(again.output)")
            }
            let path = NSTemporaryDirectory() + "suyo-card-\(UUID().uuidString).html"
            defer { try? FileManager.default.removeItem(atPath: path) }
            #expect(try await company.suyo.run(["models", "card", "2", "-o", path]).code == 0)
            let page = try String(contentsOfFile: path, encoding: .utf8)
            #expect(page.contains("Model card: version 2 of nightly") && page.contains("<svg"))
            #expect(try await company.suyo.run(["models", "card", "2"]).output.hasPrefix("# Model card: version 2"))
            let accuracy = try await company.suyo.run(["forecast", "accuracy", "--format", "csv"])
            #expect(accuracy.code == 0)
            #expect(accuracy.errors.contains("from the backtest"), "\(accuracy.errors)")

            // What was tampered with, as only the owner can, is refused with the hash; what differs is exit code 1.
            try await company.connection.execute("UPDATE forecast.series_forecast SET mean[1] = mean[1] + 1")
            let other = try await company.suyo.run(["models", "reproduce", "1"])
            #expect(other.code == 1)
            #expect(other.output.contains("mean 1 is"), "\(other.output)")
            try await company.connection.execute("ALTER TABLE suyo.training_series DISABLE TRIGGER immutable")
            try await company.connection.execute(
                "UPDATE suyo.training_series SET \"values\" = \"values\"[1:10] || 1e6::float8 || \"values\"[12:]")
            let tampered = try await company.suyo.run(["models", "reproduce", "1"])
            #expect(tampered.code == 65)
            #expect(tampered.errors.contains("have the hash"), "\(tampered.errors)")
        }
    }
}
