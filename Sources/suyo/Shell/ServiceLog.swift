import Foundation
import Logging
import Scheduling
import ServiceManager
import Settings

/// What the daemon says, as log lines on standard error: for people, or as one JSON object a line.
enum ServiceLog {
    /// A logger whose level follows the settings, also when they are read again.
    static func logger(_ settings: LiveSettings) -> Logger {
        let (isJSON, isJournal) = (settings.current.logsJSON, Journal.takesStandardError)
        return Logger(label: "suyo") { _ in
            LineLogHandler(isJSON: isJSON, isJournal: isJournal, settings: settings)
        }
    }

    /// Messages are constant; what differs is metadata.
    static func write(_ event: Daemon.Event, to logger: Logger) {
        switch event {
        case .enqueued(let count): logger.info("ticks fired", metadata: ["runs": .stringConvertible(count)])
        case .rescued(let count):
            logger.warning("runs taken back from dead workers", metadata: ["runs": .stringConvertible(count)])
        case .started(let run): logger.info("run started", metadata: metadata(run))
        case .ended(let run, .completed): logger.info("run completed", metadata: metadata(run))
        case .ended(let run, .failed(let failure, let error)):
            var metadata = metadata(run)
            metadata["class"] = "\(failure.rawValue)"
            metadata["error"] = "\(error)"
            metadata["retry"] = .stringConvertible(run.isTriedAgain(after: .failed(failure, error: error)))
            logger.error("run failed", metadata: metadata)
        case .ended(let run, let end):
            var metadata = metadata(run)
            metadata["end"] = "\(end)"
            logger.warning("run not finished", metadata: metadata)
        case .hints(true): logger.info("notifications arrive from the database")
        case .hints(false):
            logger.notice("no notifications arrive from the database; runs are looked for every second")
        case .stopping: logger.notice("stopping")
        case .trouble(let reason): logger.error("failed, will be tried again", metadata: ["reason": "\(reason)"])
        }
    }

    private static func metadata(_ run: ClaimedRun) -> Logger.Metadata {
        [
            "run": .stringConvertible(run.runID), "job": "\(run.jobName)", "kind": "\(run.kind)",
            "attempt": .stringConvertible(run.attempt),
        ]
    }
}

/// Writes one line for each message.
private struct LineLogHandler: LogHandler {
    let isJSON: Bool
    /// The journal knows the time by itself, and takes the level from a number before the line.
    let isJournal: Bool
    let settings: LiveSettings
    var metadata: Logger.Metadata = [:]
    /// Where somebody set one, and not the settings.
    private var ownLevel: Logger.Level?

    init(isJSON: Bool, isJournal: Bool, settings: LiveSettings) {
        self.isJSON = isJSON
        self.isJournal = isJournal
        self.settings = settings
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? Logger.Level(rawValue: settings.current.logLevel) ?? .info }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let line: String
        if isJSON {
            var fields: [String: Any] = [
                "time": time, "level": event.level.rawValue, "message": "\(event.message)",
            ]
            for (key, value) in pairs { fields[key] = LineLogHandler.field(value) }
            let data = try? JSONSerialization.data(
                withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
            line = data.map { String(decoding: $0, as: UTF8.self) } ?? ""
        } else {
            let shown = pairs.map { " \($0.key)=\(LineLogHandler.quoted("\($0.value)"))" }.joined()
            line = isJournal ? "\(event.message)\(shown)" : "\(time) \(event.level.rawValue) \(event.message)\(shown)"
        }
        let mark = isJournal ? Journal.mark(event.level) : ""
        let whole = line.split(whereSeparator: \.isNewline).joined(separator: " ")
        FileHandle.standardError.write(Data("\(mark)\(whole)\n".utf8))
    }

    /// Numbers and truths as such, all else as text.
    private static func field(_ value: Logger.MetadataValue) -> Any {
        switch value {
        case .stringConvertible(let number as Int): number
        case .stringConvertible(let number as Int64): number
        case .stringConvertible(let truth as Bool): truth
        default: "\(value)"
        }
    }

    /// In quotes where it could not be told from what follows it.
    private static func quoted(_ text: String) -> String {
        text.contains { $0 == " " || $0 == "=" || $0 == "\"" } ? "\"\(text.replacing("\"", with: "\\\""))\"" : text
    }
}
