import Foundation
import PostgresClient
import TestSupport
import Testing

/// What other systems are given: whole, under the same name, in their form.
@Suite struct ForecastExportTests {
    private func published(_ body: (Company, String) async throws -> Void) async throws {
        try await Company.with { company in
            let run = try await company.suyo.run(["jobs", "run", "nightly"])
            try #require(run.code == 0, "\(run.errors)")
            let folder = NSTemporaryDirectory() + "suyo-export-\(UUID().uuidString)"
            do {
                try await body(company, folder)
            } catch {
                try? FileManager.default.removeItem(atPath: folder)
                throw error
            }
            try FileManager.default.removeItem(atPath: folder)
        }
    }

    private func unpacked(_ path: String, _ suyo: SuyoProcess) async throws -> String {
        try await suyo.shell("gzip -dc '\(path)'", in: NSTemporaryDirectory()).output
    }

    @Test func aFolderHoldsOneWholeFileAPublicationUnderTheSameNameEachTime() async throws {
        try await published { company, folder in
            let first = try await company.suyo.run(["forecast", "export", "--folder", folder])
            try #require(first.code == 0, "\(first.errors)")
            let path = try #require(first.output.split(separator: "\n").first.map(String.init))
            #expect(path.hasPrefix("\(folder)/portfolio=nightly/forecast-"))
            #expect(path.hasSuffix(".csv.gz"))
            let text = try await unpacked(path, company.suyo)
            let whole = try await company.suyo.run(["forecast", "export"])
            #expect(text == whole.output)
            #expect(text.hasPrefix("item_id,site_id,customer_id,frequency,bucket_start,bucket_end,step,mean,p05,"))
            let again = try await company.suyo.run(["forecast", "export", "--folder", folder])
            #expect(again.output == first.output)
            #expect(try await unpacked(path, company.suyo) == text)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/portfolio=nightly")
            #expect(files.count == 1, "\(files)")
        }
    }

    @Test func everyLineIsAnObjectAndTheArrayHoldsTheSame() async throws {
        try await published { company, folder in
            try await company.connection.execute(
                "SELECT forecast.adjust(item => 'apple', site => 'ICN', from_date => min(bucket_start)::date, value => 3, reason => 'x') FROM forecast.get('apple', 'ICN')"
            )
            let lines = try await company.suyo.run(["forecast", "export", "--format", "jsonl", "--site", "ICN"])
            let array = try await company.suyo.run(["forecast", "export", "--format", "json", "--site", "ICN"])
            let all = try #require(
                try JSONSerialization.jsonObject(with: Data(array.output.utf8)) as? [[String: Any]])
            let rows = lines.output.split(separator: "\n")
            #expect(rows.count == all.count)
            #expect(!rows.isEmpty)
            for (row, object) in zip(rows, all) {
                let one = try #require(try JSONSerialization.jsonObject(with: Data(row.utf8)) as? NSDictionary)
                #expect(one == object as NSDictionary)
                #expect(object["site_id"] as? String == "ICN")
            }
            #expect(all.contains { ($0["final"] as? Double) == 3 && $0["override_id"] is Int })
            let nothing = try await company.suyo.run(["forecast", "export", "--format", "jsonl", "--site", "X'Y"])
            #expect(nothing.code == 0)
            #expect(nothing.output.isEmpty)
            let none = try await company.suyo.run(["forecast", "export", "--folder", folder, "--site", "X'Y"])
            #expect(none.code == 65)
            #expect(none.errors.contains("Nothing is current at site 'X'Y'"), "\(none.errors)")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    @Test func aScheduleAddsUpFromItsStartOn() async throws {
        try await published { company, folder in
            let export = try await company.suyo.run([
                "forecast", "export", "--folder", folder, "--format", "schedule", "--portfolio", "nightly",
            ])
            let path = try #require(export.output.split(separator: "\n").first.map(String.init), "\(export.errors)")
            #expect(path.hasSuffix(".schedule.csv.gz"))
            let lines = try await unpacked(path, company.suyo).split(separator: "\n")
            #expect(
                lines[0]
                    == "schedule_id,portfolio,issued_at,item_id,ship_to,customer_id,forecast_qualifier,timing_qualifier,period_start,period_end,quantity,cumulative_quantity"
            )
            var total = 0.0
            for line in lines[1...7] {
                let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                #expect(fields[6] == "D" && fields[7] == "D")
                total += try #require(Double(fields[10]))
                #expect(abs(try #require(Double(fields[11])) - total) < 0.01)
            }
        }
    }

    @Test func aJobWritesTheSameFiles() async throws {
        try await published { company, folder in
            let jobs = folder + "-jobs"
            try FileManager.default.createDirectory(atPath: jobs, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: jobs) }
            func apply(_ spec: String) async throws -> (code: Int32, errors: String) {
                try "name: files\nkind: export\nspec: \(spec)\n".write(
                    toFile: jobs + "/files.yaml", atomically: true, encoding: .utf8)
                let applied = try await company.suyo.run(["jobs", "apply", jobs])
                return (Int32(applied.code), applied.errors)
            }
            let wrong = try await apply("{ folder: exchange }")
            #expect(wrong.code != 0)
            #expect(wrong.errors.contains("folder is 'exchange'; it takes a whole path"))
            let alien = try await apply("{ folder: /srv, format: parquet }")
            #expect(alien.errors.contains("format is 'parquet'; it takes csv, json, jsonl, schedule"))
            let right = try await apply("{ folder: \"\(folder)\", format: jsonl }")
            try #require(right.code == 0, "\(right.errors)")
            let run = try await company.suyo.run(["jobs", "run", "files"])
            try #require(run.code == 0, "\(run.errors)")
            #expect(run.output.contains("of files completed.\n\(folder)/portfolio=nightly/forecast-"), "\(run.output)")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/portfolio=nightly")
            try #require(files.count == 1)
            let text = try await unpacked(folder + "/portfolio=nightly/" + files[0], company.suyo)
            let whole = try await company.suyo.run(["forecast", "export", "--format", "jsonl"])
            #expect(text == whole.output)
        }
    }
}
