import ArgumentParser
import Foundation
import JobHandlers
import Jobs
import Scheduling
import Store
import Terminal

struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Jobs and their runs: declare, look at, run, pause, cancel.",
        subcommands: [
            Apply.self, List.self, Show.self, Next.self, Run.self, Pause.self, Resume.self, Runs.self, Log.self,
            Cancel.self, Retry.self, Limit.self,
        ])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the jobs those of a folder of YAML files; without one, those that suyo brings.",
            discussion: """
                Examples:
                  suyo jobs apply Jobs
                  suyo jobs apply Jobs --dry-run      what would change, key by key

                One transaction: all of them or none. Pauses stay, and jobs declared from SQL are left alone.
                """)
        @Argument(help: "Folder of job files, or one file.") var path: String?
        @Flag(help: "Only show what would change.") var dryRun = false
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let definitions = try JobFiles.read(path)
            let workspace = try await Workspace.open(options)
            let catalog = JobCatalog(database: workspace.database)
            let changes =
                dryRun
                ? try await catalog.rehearse(definitions, source: "file")
                : try await catalog.apply(definitions, source: "file")
            output.print(Report(columns: ["job", "change", "key", "old", "new"], rows: changes.flatMap(Apply.rows)))
        }

        /// A row for each key that is another, and one for a job of which none is.
        private static func rows(_ change: JobCatalog.Change) -> [[Report.Value]] {
            let start: [Report.Value] = [.text(change.name), .text(change.change)]
            if change.differences.isEmpty { return [start + [.null, .null, .null]] }
            return change.differences.map { difference in
                let old: Report.Value = difference.old.map { .text($0) } ?? .null
                let new: Report.Value = difference.new.map { .text($0) } ?? .null
                return start + [.text(difference.key), old, new]
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists every job with its next tick and its last run.", discussion: "Example:  suyo jobs list")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ReportStore(database: workspace.database).jobs(output.audience)
            if table.rows.isEmpty && output.format == .table { return say("There are no jobs yet: suyo jobs apply.") }
            output.print(Report(table))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows one job in full.", discussion: "Example:  suyo jobs show nightly-retrain")
        @Argument(help: "Name of the job.") var name: String
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let table = try await ReportStore(database: workspace.database).job(name)
            if table.rows.isEmpty { throw JobsCommand.noJob(name) }
            output.print(output.format == .table ? Report(details: table) : Report(table))
        }
    }

    struct Next: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows coming ticks, in local time and UTC: of a job, or of a schedule that does not exist yet.",
            discussion: """
                Examples:
                  suyo jobs next nightly-retrain --count 10
                  suyo jobs next --cron '30 1 * * *' --time-zone Europe/London --from 2027-03-27 --gap skip

                The note says where a change of clocks or a day off moves or skips a tick.
                """)
        @Argument(help: "Name of the job.") var name: String?
        @Option(help: "Ticks to show.") var count = 5
        @Option(help: "A cron expression, instead of a job's; needs no database.") var cron: String?
        @Option(help: ArgumentHelp("Zone of --cron.", valueName: "zone")) var timeZone = "UTC"
        @Option(
            help: ArgumentHelp(
                "With --cron: a time that a change of clocks skips is due at the first_after it, or skip.",
                valueName: "rule"), transform: JobsCommand.choice)
        var gap: Schedule.Gap?
        @Option(
            help: ArgumentHelp(
                "With --cron: a time that comes twice is due at the first, the second, or both.", valueName: "rule"),
            transform: JobsCommand.choice)
        var fold: Schedule.Fold?
        @Option(help: ArgumentHelp("Begin after the start of that day, UTC; now without it.", valueName: "date"))
        var from: String?
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (name == nil) != (cron == nil) else {
                throw ValidationError("Say either the name of a job or --cron with an expression.")
            }
            guard cron != nil || (gap == nil && fold == nil) else {
                throw ValidationError("--gap and --fold go with --cron: a job says its own.")
            }
            guard (1...1000).contains(count) else { throw ValidationError("--count lies between 1 and 1000.") }
        }

        func run() async throws {
            let schedule = try await schedule()
            var instant = Int(Date().timeIntervalSince1970)
            if let from {
                guard let start = ISO8601DateFormatter().date(from: from.count == 10 ? from + "T00:00:00Z" : from)
                else {
                    throw Failure(.usage, "'\(from)' is no date such as 2027-03-27 or 2027-03-27T00:00:00Z.")
                }
                instant = Int(start.timeIntervalSince1970) - 1
            }
            var rows: [[Report.Value]] = []
            while rows.count < count, let next = schedule.next(after: instant) {
                let note = schedule.note(at: next)
                rows.append([
                    Report.Value.text(JobsCommand.clock(schedule.local(next))), .text(schedule.zoneName),
                    .text(JobsCommand.clock(next) + "Z"), note.map(Report.Value.text) ?? .null,
                ])
                instant = next
            }
            if rows.isEmpty { throw Failure(.checkFailed, "This schedule is never due after that.") }
            output.print(Report(columns: ["local", "zone", "utc", "note"], rows: rows))
        }

        private func schedule() async throws -> Schedule {
            if let cron {
                let schedule = Schedule(
                    cron: try CronExpression(cron), zoneName: timeZone, gap: gap ?? .firstAfter, fold: fold ?? .first)
                guard let schedule else {
                    throw Failure(
                        .usage, "There is no time zone '\(timeZone)'; names are such as Asia/Seoul or Europe/London.")
                }
                return schedule
            }
            let workspace = try await Workspace.open(options)
            guard let name, let found = try await JobCatalog(database: workspace.database).schedule(named: name)
            else { throw JobsCommand.noJob(name ?? "") }
            guard let schedule = found else {
                throw Failure(.checkFailed, "Job '\(name)' has no schedule: only people run it.")
            }
            return schedule
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs a job now, here and to its end; exit 1 where it fails.",
            discussion: """
                Examples:
                  suyo jobs run nightly-retrain
                  suyo jobs run nightly-retrain --no-wait     a suyo serve takes it up
                  suyo jobs run nightly-retrain --set horizon=7 --set model=ets
                """)
        @Argument(help: "Name of the job.") var name: String
        @Flag(inversion: .prefixedNo, help: "Work on it here until it is done.") var wait = true
        @Option(help: ArgumentHelp("Another value for a key of the job's spec, for this run.", valueName: "key=value"))
        var set: [String] = []
        @Flag(help: "Where a run of the job waits already, take that one.") var ifNoneWaiting = false
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let catalog = JobCatalog(database: workspace.database)
            let parameters = try JobParameters(set)
            guard let definition = try await catalog.definition(named: name) else { throw JobsCommand.noJob(name) }
            try parameters.check(definition)
            let enqueued = try await catalog.enqueue(name, parameters: parameters.json, ifNoneWaiting: ifNoneWaiting)
            guard let runID = enqueued else { throw JobsCommand.noJob(name) }
            guard wait else {
                print("Run \(runID) of \(name) is enqueued: suyo jobs log \(runID)")
                return
            }
            let standing = try await JobRunner(workspace).seeThrough(runID, title: name)
            guard standing.state == "completed" else {
                throw Failure(
                    .checkFailed,
                    "Run \(runID) of \(name) was \(standing.state)\(standing.error.map { ": \($0)" } ?? ".") Nothing was published."
                )
            }
            guard output.format == .table else {
                return output.print(Report(try await ReportStore(database: workspace.database).run(runID)))
            }
            let summary = RunSummary(runID: runID, jobName: name, result: standing.result ?? "null")
            for line in summary.lines() { print(line) }
            if let place = summary.whereToLook { print("Look: \(place)") }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pauses a job: its ticks are skipped until it is resumed.",
            discussion: "Example:  suyo jobs pause nightly-retrain")
        @Argument(help: "Name of the job.") var name: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws { try await JobsCommand.setPaused(name, true, options) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Resumes a paused job.", discussion: "Example:  suyo jobs resume nightly-retrain")
        @Argument(help: "Name of the job.") var name: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws { try await JobsCommand.setPaused(name, false, options) }
    }

    struct Runs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists runs, newest first, with how late and how long they were.",
            discussion: "Example:  suyo jobs runs nightly-retrain --limit 10")
        @Argument(help: "Only of this job.") var name: String?
        @Option(help: "Rows at most.") var limit = 20
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            if let name, try await JobCatalog(database: workspace.database).definition(named: name) == nil {
                throw JobsCommand.noJob(name)
            }
            output.print(
                Report(
                    try await ReportStore(database: workspace.database).runs(output.audience, job: name, limit: limit)))
        }
    }

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what a run had to say.",
            discussion: """
                Examples:
                  suyo jobs log 42
                  suyo jobs log 42 --follow     goes on until the run is over; json is then an object a line
                """)
        @Argument(help: "Number of the run.") var run: Int64
        @Flag(help: "Go on until the run is over.") var follow = false
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let store = ReportStore(database: workspace.database)
            if try await store.run(run).rows.isEmpty { throw JobsCommand.noRun(run) }
            if follow {
                return try await LogFollowing(database: workspace.database, format: output.format).follow(run)
            }
            output.print(Report(sentences: try await store.log(run: run)))
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancels a run: at once where it waits, within seconds where it runs.",
            discussion: "Example:  suyo jobs cancel 42")
        @Argument(help: "Number of the run.") var run: Int64
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            guard try await JobCatalog(database: workspace.database).cancel(run: run) else {
                throw Failure(.checkFailed, "Run \(run) is not waiting or running: look at suyo jobs runs.")
            }
            print("Run \(run) is told to stop.")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tries a failed or cancelled run again.", discussion: "Example:  suyo jobs retry 42")
        @Argument(help: "Number of the run.") var run: Int64
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let workspace = try await Workspace.open(options)
            guard try await JobCatalog(database: workspace.database).retry(run: run) else {
                throw Failure(.checkFailed, "Run \(run) has not failed and was not cancelled: look at suyo jobs runs.")
            }
            print("Run \(run) is enqueued again.")
        }
    }

    static func noJob(_ name: String) -> Failure {
        Failure(.usage, "There is no job '\(name)': look at suyo jobs list, or declare it with suyo jobs apply.")
    }

    static func noRun(_ number: Int64) -> Failure {
        Failure(.usage, "There is no run \(number): look at suyo jobs runs.")
    }

    /// One of a few words.
    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ text: String) throws -> Choice {
        guard let choice = Choice(rawValue: text) else {
            throw ValidationError("Take one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return choice
    }

    /// `2027-03-28 02:30:00` of seconds since 1970.
    static func clock(_ seconds: Int) -> String {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withFullDate, .withTime, .withColonSeparatorInTime, .withSpaceBetweenDateAndTime]
        return formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
    }

    private static func setPaused(_ name: String, _ isPaused: Bool, _ options: DatabaseOptions) async throws {
        let workspace = try await Workspace.open(options)
        guard try await JobCatalog(database: workspace.database).setPaused(name, isPaused) else { throw noJob(name) }
        print("Job \(name) is \(isPaused ? "paused" : "resumed").")
    }
}
