import ArgumentParser
import Foundation
import HolidayCalendars
import Intake
import Jobs
import Store
import Synchronization
import TabularText
import Terminal

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Takes in a file, or your ERP's own tables: each record accepted, or rejected with its reason.",
        discussion: """
            Examples:
              suyo import orders orders.csv
              suyo import orders retail.csv.gz --mapping online-retail
              suyo import stock 재고.csv --mapping stock.yaml --dry-run
              suyo import holidays --calendar KR
              suyo import source erpnext --print > import-erpnext.yaml
              suyo import source import-erpnext.yaml --dry-run

            The whole file is one transaction; the same file twice changes nothing.

            A source is read from where its last reading ended. suyo data check --source
            FILE tries it; a job of kind import reads it by schedule.

            Without a mapping the columns are:

            """
                + IntakeKind.allCases.map { kind in
                    "  \(kind.rawValue): "
                        + kind.columns.map { $0.name + ($0.isRequired ? "*" : "") }.joined(separator: ", ")
                }.joined(separator: "\n") + "\n(* needed)")

    @Argument(help: "What it holds: \(ImportSubject.allValueStrings.joined(separator: ", ")).")
    var kind: ImportSubject

    @Argument(help: "The file, .gz or not; - is standard input.")
    var file: String?

    @Option(
        help: ArgumentHelp(
            "Instead of a file of holidays, a calendar suyo brings: \(ShippedCalendar.all.keys.sorted().joined(separator: ", ")).",
            valueName: "name"))
    var calendar: String?

    @Option(
        help: ArgumentHelp(
            "A YAML file that says which column is what, or the name of one suyo brings: \(ShippedJobs.mappings.keys.sorted().joined(separator: ", ")).",
            valueName: "file"))
    var mapping: String?

    @Flag(help: "Report what would happen, and write nothing.")
    var dryRun = false

    @Flag(
        name: .customLong("print"),
        help:
            "With a source: write the file that suyo brings for a system, to fill in: \(ShippedJobs.sources.keys.sorted().joined(separator: ", "))."
    )
    var printsFile = false

    @Flag(help: "With a source: believe it even where very many order lines are gone at once.")
    var acceptDeletions = false

    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        switch kind {
        case .file(let kind): try await run(kind)
        case .source: try await runSource()
        }
    }

    private func runSource() async throws {
        guard let file else { throw ValidationError("Name the file of the source.") }
        if printsFile {
            guard let shipped = ShippedJobs.sources[file] else {
                throw Failure(
                    .usage,
                    "There is no source '\(file)' in suyo; it brings \(ShippedJobs.sources.keys.sorted().joined(separator: ", "))."
                )
            }
            print(shipped.yaml, terminator: "")
            return
        }
        var definition = try SourceDefinition(yamlFile: file)
        definition.acceptsDeletions = definition.acceptsDeletions || acceptDeletions
        let workspace = try await Workspace.open(options)
        let bar = ProgressBar("Reading \(definition.source)")
        let reports: [SourceReport]
        do {
            defer { bar.finish() }
            reports = try await SourceStore(
                database: workspace.database, environment: ProcessInfo.processInfo.environment
            ).read(definition, dryRun: dryRun) { fraction, message in bar.update(fraction, message) }
        }
        guard output.format == .table else {
            output.print(SourceSummary.table(reports, dryRun: dryRun))
            return
        }
        for report in reports {
            print(SourceSummary.sentence(report))
            ImportCommand.showRejections(report.intake)
        }
        if dryRun { print("Nothing was written: this was a dry run.") }
    }

    private func run(_ kind: IntakeKind) async throws {
        let plan = try ImportCommand.plan(kind, mapping: mapping)
        // Opened first: a file that cannot be read needs no database.
        let intake = try FileIntake(source(), plan: plan)
        let file = intake.path
        let workspace = try await Workspace.open(options)
        let outcome = try await intake.run(into: workspace.database, dryRun: dryRun)
        ImportCommand.show(outcome, file: file, kind: kind, dryRun: dryRun, output: output)
        if outcome.report.lines > 0 && outcome.report.accepted == 0 {
            throw Failure(.data, "Not one of the \(outcome.report.lines) records of \(file) could be taken.")
        }
    }

    func validate() throws {
        switch (file, calendar) {
        case (nil, nil): throw ValidationError("Name the file to import.")
        case (_?, _?): throw ValidationError("Name a file or a calendar, not both.")
        case (nil, _?) where kind != .file(.holidays) || mapping != nil:
            throw ValidationError("--calendar goes with suyo import holidays, without a mapping.")
        default: break
        }
        if kind == .source, mapping != nil { throw ValidationError("A source has its mapping in its own file.") }
        if kind != .source, acceptDeletions || printsFile {
            throw ValidationError("--accept-deletions and --print go with suyo import source.")
        }
    }

    private func source() throws -> sending ByteSource {
        guard let calendar else { return try ByteSource(path: file ?? "-") }
        guard let shipped = ShippedCalendar.all[calendar] else {
            throw Failure(
                .usage,
                "There is no calendar '\(calendar)' in suyo; it brings \(ShippedCalendar.all.keys.sorted().joined(separator: ", ")). Import others from a file with the columns calendar, date, name."
            )
        }
        return ByteSource(Array(shipped.text.utf8), name: "suyo's calendar \(calendar)")
    }

    static func plan(_ kind: IntakeKind, mapping: String?) throws -> IntakePlan {
        guard let mapping else { return try IntakePlan(kind: kind, mapping: nil) }
        let known = FileManager.default.fileExists(atPath: mapping) ? nil : ShippedJobs.mappings[mapping]
        let read = try known.map { try IntakeMapping(yaml: $0.yaml, file: $0.name) } ?? IntakeMapping(yamlFile: mapping)
        return try IntakePlan(kind: kind, mapping: read, mappingFile: mapping)
    }

    private static func show(
        _ outcome: FileIntake.Outcome, file: String, kind: IntakeKind, dryRun: Bool, output: OutputOptions
    ) {
        let report = outcome.report
        guard output.format == .table else {
            let columns = [
                "file", "kind", "lines", "accepted", "rejected", "inserted", "changed", "unchanged", "batch", "dry_run",
                "seconds", "content_sha256",
            ]
            let numbers = [
                report.lines, report.accepted, report.rejected, report.inserted, report.changed, report.unchanged,
            ].map { Report.Value.number("\($0)") }
            let row =
                [.text(file), .text(kind.rawValue)] + numbers + [
                    report.batchID.map { .number("\($0)") } ?? .null, .boolean(dryRun),
                    .number(String(format: "%.3f", outcome.seconds)), .text(report.contentHash),
                ]
            output.print(Report(columns: columns, rows: [row]))
            return
        }
        let rate = outcome.seconds > 0.05 ? " (\(grouped(Int(Double(report.lines) / outcome.seconds))) lines/s)" : ""
        print(
            "\(file): \(grouped(report.lines)) records in \(String(format: "%.1f", outcome.seconds)) s\(rate)"
        )
        print(
            "  accepted \(grouped(report.accepted)): \(grouped(report.inserted)) new, \(grouped(report.changed)) corrected, \(grouped(report.unchanged)) known already"
        )
        print("  rejected \(grouped(report.rejected))")
        showRejections(report)
        if dryRun {
            print("Nothing was written: this was a dry run.")
        } else if let batchID = report.batchID {
            if report.rejected > 0 { print("All rejected records: suyo data rejected --batch \(batchID)") }
        } else {
            print("Nothing had to be changed.")
        }
    }

    /// The first rejected records, each with its place and reason.
    static func showRejections(_ report: IntakeReport) {
        for rejection in report.firstRejections.prefix(5) {
            let place = rejection.column.map { ", column \($0)" } ?? ""
            let value = rejection.value.map { ", '\($0)'" } ?? ""
            print("    line \(rejection.line)\(place)\(value): \(rejection.reason)")
        }
        if report.rejected > min(5, report.firstRejections.count) { print("    …") }
    }
}

/// A whole number with commas between thousands.
func grouped(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var parts: [String] = []
    while digits.count > 3 {
        parts.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + parts).joined(separator: ",")
}
