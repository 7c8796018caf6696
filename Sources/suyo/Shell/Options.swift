import ArgumentParser
import Foundation
import Settings
import Store
import Terminal

/// Which database and which settings, on every command that needs them.
struct DatabaseOptions: ParsableArguments {
    @Option(help: ArgumentHelp("PostgreSQL to use, instead of SUYO_DATABASE_URL.", valueName: "url"))
    var database: String?

    @Option(help: ArgumentHelp("Folder of the private PostgreSQL, instead of SUYO_HOME.", valueName: "folder"))
    var home: String?

    @Option(help: ArgumentHelp("Settings file, instead of SUYO_CONFIG or suyo.yaml.", valueName: "file"))
    var config: String?

    /// The settings with these flags in front.
    func settings(_ more: [SettingName: String?] = [:]) throws -> Settings {
        var flags = more.compactMapValues { $0 }
        flags[.databaseURL] = database
        flags[.home] = home
        return try Settings.load(flags: flags, file: config)
    }
}

/// How rows are printed.
struct OutputOptions: ParsableArguments {
    @Option(help: "How to print: table, json or csv.")
    var format: Report.Format = .table

    /// Whom the report is for: a table is for people.
    var audience: ReportStore.Audience { format == .table ? .people : .programs }

    /// Prints a report in the format asked for; on a terminal a table is fitted to its width.
    func print(_ report: Report) {
        if report.rows.isEmpty && format == .table { return say("(nothing to show)") }
        Swift.print(report.rendered(format, width: format == .table ? TerminalSize.width : nil), terminator: "")
    }
}

/// The terminal that output goes to.
enum TerminalSize {
    /// Columns of the terminal; `nil` where standard output is none.
    static var width: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 { return Int(size.ws_col) }
        return ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 80
    }
}

/// Writes a line on standard error, where what is said about the work goes.
func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
