import Foundation
import Scheduling
import Store
import Terminal

/// What a reading of a source did, in words and as JSON.
enum SourceSummary {
    /// One query in a sentence.
    static func sentence(_ report: SourceReport) -> String {
        let intake = report.intake
        let gone = intake.deleted > 0 ? ", \(grouped(intake.deleted)) no longer there" : ""
        return
            "\(report.kind): \(grouped(intake.lines)) records\(since(report)): \(grouped(intake.inserted)) new, \(grouped(intake.changed)) corrected, \(grouped(intake.unchanged)) known already, \(grouped(intake.rejected)) rejected\(gone)\(batch(intake))."
    }

    /// One row per query.
    static func table(_ reports: [SourceReport], dryRun: Bool) -> Report {
        Report(
            columns: [
                "kind", "read_from", "lines", "accepted", "rejected", "inserted", "changed", "unchanged", "deleted",
                "batch", "dry_run",
            ],
            rows: reports.map { report in
                let intake = report.intake
                return [.text(report.kind), report.readFrom.map { .text(instant($0)) } ?? .null]
                    + [
                        intake.lines, intake.accepted, intake.rejected, intake.inserted, intake.changed,
                        intake.unchanged, intake.deleted,
                    ].map { .number("\($0)") }
                    + [intake.batchID.map { .number("\($0)") } ?? .null, .boolean(dryRun)]
            })
    }

    private static func since(_ report: SourceReport) -> String {
        report.readFrom.map { " changed since \(instant($0))" } ?? ""
    }

    private static func batch(_ intake: IntakeReport) -> String {
        guard intake.rejected > 0, let batchID = intake.batchID else { return "" }
        return " (suyo data rejected --batch \(batchID))"
    }

    private static func instant(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds.rounded()).formatted(.iso8601)
    }
}

extension SourceError {
    /// What kind of failure it is to a run.
    var failureClass: FailureClass {
        switch self {
        case .unreachable, .tooSlow, .overtaken: .transient
        case .manyDeletions: .data
        case .refused, .invalid: .configuration
        }
    }
}
