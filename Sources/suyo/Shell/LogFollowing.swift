import Foundation
import Store
import Terminal

/// Prints what a run says, as it says it.
struct LogFollowing {
    let database: Database
    let format: Report.Format

    /// Time between two looks.
    private static let interval = Duration.milliseconds(500)

    /// Prints until the run is over and everything it said is printed.
    func follow(_ runID: Int64) async throws {
        let (log, catalog) = (RunLog(database: database), JobCatalog(database: database))
        var last: Int64 = 0
        if format == .csv { emit(Report(columns: LogFollowing.columns, rows: []).rendered(.csv, width: nil)) }
        while true {
            // In this order: what it says at its end is there once it is over.
            let isOver = try await catalog.standing(ofRun: runID)?.isOver ?? true
            for line in try await log.lines(of: runID, after: last) {
                emit(rendered(line))
                last = line.logID
            }
            if isOver { return }
            try await Task.sleep(for: LogFollowing.interval)
        }
    }

    private static let columns = ["at", "attempt", "level", "failure", "message"]

    private func rendered(_ line: RunLog.Line) -> String {
        let report = Report(
            columns: LogFollowing.columns,
            rows: [
                [
                    .text(line.at), .number("\(line.attempt)"), .text(line.level),
                    line.failure.map(Report.Value.text) ?? .null, .text(line.message),
                ]
            ])
        switch format {
        case .table:
            return
                "\(line.at)  \(line.attempt)  \(line.level.padding(toLength: 7, withPad: " ", startingAt: 0))  \(line.failure.map { "\($0): " } ?? "")\(line.message)\n"
        case .csv:
            return String(report.rendered(.csv, width: nil).drop { !$0.isNewline }.dropFirst())
        case .json:
            let fields: [String: Any] = [
                "at": line.at, "attempt": line.attempt, "level": line.level, "failure": line.failure ?? NSNull(),
                "message": line.message,
            ]
            let data = try? JSONSerialization.data(
                withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
            return data.map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
        }
    }

    /// At once, also where standard output is a pipe.
    private func emit(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
