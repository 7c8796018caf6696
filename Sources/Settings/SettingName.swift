/// One thing that can be set, by a flag, a variable of the environment or a line of `suyo.yaml`.
public enum SettingName: String, Sendable, CaseIterable {
    case databaseURL = "database_url"
    case home
    case threads
    case logLevel = "log_level"
    case logFormat = "log_format"
    case concurrency
    case graceSeconds = "grace_seconds"
    case memoryLimit = "memory_limit_mb"
    case http
    case jobs

    /// Its key in `suyo.yaml`.
    public var key: String { rawValue }

    /// Its variable in the environment.
    public var environmentVariable: String { "SUYO_\(rawValue.uppercased())" }

    /// What it is for.
    public var meaning: String {
        switch self {
        case .databaseURL: "the PostgreSQL to use; without it libpq's PG* variables, else a private one"
        case .home: "folder of the private PostgreSQL"
        case .threads: "cores to train on"
        case .logLevel: "least level that serve logs: debug, info, warning or error"
        case .logFormat: "how serve logs: human or json"
        case .concurrency: "runs that one serve works on at once"
        case .graceSeconds: "seconds a run may go on after serve was told to stop"
        case .memoryLimit: "megabytes of memory that a run of serve may take; without it, what there is"
        case .http:
            "address on which serve answers /healthz, /readyz and /metrics, such as 127.0.0.1:9790; off without it"
        case .jobs: "folder of job files that serve applies when it starts and on SIGHUP; without it, none"
        }
    }

    /// What is taken where nothing is set; `nil` where that depends on the machine.
    var standardText: String? {
        switch self {
        case .databaseURL, .home, .threads, .memoryLimit, .http, .jobs: nil
        case .logLevel: "info"
        case .logFormat: "human"
        case .concurrency: "1"
        case .graceSeconds: "20"
        }
    }
}
