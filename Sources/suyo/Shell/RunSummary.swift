import Foundation
import Pipeline
import Store

/// What a finished run says of itself, for a person.
struct RunSummary {
    private let runID: Int64
    private let jobName: String
    private let result: String

    init(runID: Int64, jobName: String, result: String) {
        self.runID = runID
        self.jobName = jobName
        self.result = result
    }

    /// A few lines: version, series, accuracy beside the seasonal naive, models, time, notes.
    func lines() -> [String] {
        if let check = try? JSONDecoder().decode(DriftOutcome.self, from: Data(result.utf8)) {
            return [
                "Run \(runID) of \(jobName) completed: \(check.judged) of \(check.series) series judged through \(check.dataThrough), \(check.named) changed; \(check.namedTotals) of \(check.totals) totals changed."
            ] + check.notes
        }
        if let lines = linesOfOtherKinds() { return ["Run \(runID) of \(jobName) completed."] + lines }
        guard let outcome = try? JSONDecoder().decode(Retraining.Outcome.self, from: Data(result.utf8)) else {
            return [
                result == "null"
                    ? "Run \(runID) of \(jobName) completed: its worker published and died before it could report; look at suyo models list."
                    : "Run \(runID) of \(jobName) completed: nothing new, the champion stays."
            ]
        }
        let accuracy = outcome.accuracy
        var lines = [
            "Run \(runID) of \(jobName) completed: version \(outcome.published.versionID), \(grouped(accuracy.series)) series, demand through \(outcome.dataThrough)."
        ]
        if let wape = accuracy.model.wape, let naive = accuracy.seasonalNaive.wape {
            var line =
                "Backtest: WAPE \(decimal(100 * wape, 1)) %, seasonal naive \(decimal(100 * naive, 1)) %"
            if let coverage = accuracy.model.coverage80 {
                line += "; the 80 % interval held \(decimal(100 * coverage, 0)) % of what came"
            }
            lines.append(line + ".")
        }
        let models = outcome.models.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        lines.append(
            "Models: " + models.prefix(6).map { "\($0.key) \(grouped($0.value))" }.joined(separator: ", ") + ".")
        if let all = outcome.timings["all"], let train = outcome.timings["train"] {
            lines.append("Time: \(decimal(all, 1)) s, of which training \(decimal(train, 1)) s.")
        }
        return lines + outcome.notes
    }

    /// Where to look next; `nil` where the lines say all there is.
    var whereToLook: String? {
        let data = Data(result.utf8)
        if (try? JSONDecoder().decode(DriftOutcome.self, from: data)) != nil { return "suyo drift status" }
        if linesOfOtherKinds() != nil { return nil }
        return "suyo models list, suyo forecast accuracy, suyo forecast show ITEM"
    }

    /// What a run that neither trains nor checks did; `nil` for one that does.
    private func linesOfOtherKinds() -> [String]? {
        let data = Data(result.utf8)
        let decoder = JSONDecoder()
        if let outcome = try? decoder.decode(PruneOutcome.self, from: data) { return outcome.notes }
        if let read = try? decoder.decode([String: [SourceReport]].self, from: data), let reports = read["queries"] {
            return reports.map(SourceSummary.sentence)
        }
        if let written = try? decoder.decode([String: [String]].self, from: data), let files = written["files"] {
            return files.isEmpty ? ["Nothing is current, so there is no file."] : files
        }
        return nil
    }
}
