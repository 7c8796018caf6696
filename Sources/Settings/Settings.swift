internal import Configuration
public import Foundation

/// What is set, and where each value came from: flags before the environment before `suyo.yaml` before defaults.
public struct Settings: Sendable {
    /// Where a value came from.
    public enum Origin: Sendable, Hashable, CustomStringConvertible {
        case flag
        case environment(String)
        case file(String)
        case standard

        /// In words.
        public var description: String {
            switch self {
            case .flag: "flag"
            case .environment(let name): "environment (\(name))"
            case .file(let path): path
            case .standard: "default"
            }
        }
    }

    /// One value as it was found.
    public struct Value: Sendable, Hashable {
        /// The value; `nil` where nothing is set and the machine decides.
        public var text: String?
        /// Where it came from.
        public var origin: Origin
    }

    /// Every value.
    public let values: [SettingName: Value]
    /// The settings file that was read, if any.
    public let file: String?

    /// Reads the settings of this process.
    ///
    /// - Parameters:
    ///   - flags: what the command line says.
    ///   - file: the settings file the command line names; it must exist. Without it, the one `SUYO_CONFIG` names, else
    ///     the first that exists of `./suyo.yaml`, `~/.config/suyo/suyo.yaml` and `/etc/suyo/suyo.yaml`.
    /// - Throws: ``SettingsError`` with file, line and the valid choices.
    public static func load(
        flags: [SettingName: String] = [:], file: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Settings {
        let path = try SettingsFile.find(named: file, environment: environment)
        // Strongest first.
        var layers: [(snapshot: any ConfigSnapshot, origin: (SettingName) -> Origin)] = [
            (
                InMemoryProvider(
                    values: Dictionary(
                        uniqueKeysWithValues: flags.map {
                            (AbsoluteConfigKey([$0.key.key]), ConfigValue(.string($0.value), isSecret: false))
                        })
                ).snapshot(), { _ in .flag }
            ),
            (
                EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty })
                    .prefixKeys(with: "suyo").snapshot(), { .environment($0.environmentVariable) }
            ),
        ]
        if let path {
            try SettingsFile.check(path)
            let bytes = Array(FileManager.default.contents(atPath: path) ?? Data())
            let snapshot = try unsafe YAMLSnapshot(data: bytes.span.bytes, providerName: path, parsingOptions: .default)
            layers.append((snapshot, { _ in .file(path) }))
        }
        var values: [SettingName: Value] = [:]
        for name in SettingName.allCases {
            var value = Value(text: name.standardText, origin: .standard)
            for (snapshot, origin) in layers {
                let found = try snapshot.value(forKey: AbsoluteConfigKey([name.key]), type: .string)
                guard let content = found.value?.content, case .string(let text) = content else { continue }
                value = Value(text: text, origin: origin(name))
                break
            }
            values[name] = value
        }
        let settings = Settings(values: values, file: path)
        try settings.validate()
        return settings
    }

    /// The PostgreSQL to use; `nil` where none is named.
    public var databaseURL: String? { values[.databaseURL]?.text }
    /// Folder of the private PostgreSQL; `nil` for the usual one.
    public var home: String? { values[.home]?.text }
    /// Cores to train on; `nil` for all.
    public var threads: Int? { values[.threads]?.text.flatMap { Int($0) } }
    /// Least level that is logged.
    public var logLevel: String { values[.logLevel]?.text ?? "info" }
    /// Whether logs are JSON.
    public var logsJSON: Bool { values[.logFormat]?.text == "json" }
    /// Runs that one daemon works on at once.
    public var concurrency: Int { values[.concurrency]?.text.flatMap { Int($0) } ?? 1 }
    /// Seconds a run may go on after the daemon was told to stop.
    public var graceSeconds: Double { values[.graceSeconds]?.text.flatMap { Double($0) } ?? 20 }
    /// Megabytes of memory that a run may take; `nil` for as much as there is.
    public var memoryLimit: Int? { values[.memoryLimit]?.text.flatMap { Int($0) } }
    /// Address on which the daemon answers over HTTP, `host:port`; `nil` for none.
    public var http: String? { values[.http]?.text }
    /// Folder of job files that the daemon applies; `nil` for none.
    public var jobs: String? { values[.jobs]?.text }

    private func validate() throws(SettingsError) {
        try check(.threads, "a whole number from 1 to 1024") { Int($0).map { (1...1024).contains($0) } ?? false }
        try check(.logLevel, "debug, info, warning or error") { ["debug", "info", "warning", "error"].contains($0) }
        try check(.logFormat, "human or json") { ["human", "json"].contains($0) }
        try check(.concurrency, "a whole number from 1 to 64") { Int($0).map { (1...64).contains($0) } ?? false }
        try check(.graceSeconds, "a number from 0 to 86400") { Double($0).map { (0...86_400).contains($0) } ?? false }
        try check(.memoryLimit, "a whole number from 16 to 1048576") {
            Int($0).map { (16...1_048_576).contains($0) } ?? false
        }
    }

    private func check(
        _ name: SettingName, _ choices: String, _ isValid: (String) -> Bool
    ) throws(SettingsError) {
        guard let value = values[name], let text = value.text, !isValid(text) else { return }
        throw SettingsError("\(name.key) is '\(text)' (\(value.origin)); it must be \(choices).")
    }
}

/// Why settings cannot be used.
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence: what, where, what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}
