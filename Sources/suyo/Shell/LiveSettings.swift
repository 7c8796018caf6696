import Settings
import Synchronization

/// Settings that are read again while the daemon runs.
final class LiveSettings: Sendable {
    private let state: Mutex<Settings>
    private let load: @Sendable () throws -> Settings

    /// The settings as `load` reads them now.
    init(_ load: @escaping @Sendable () throws -> Settings) throws {
        state = Mutex(try load())
        self.load = load
    }

    /// As they were read last.
    var current: Settings { state.withLock { $0 } }

    /// Reads them again; returns those that differ and need a restart. Where they cannot be used, they stay as they were.
    func reload() throws -> [SettingName] {
        let new = try load()
        let old = state.withLock { settings in
            defer { settings = new }
            return settings
        }
        let fixed: [SettingName] = [.databaseURL, .home, .logFormat, .concurrency, .graceSeconds, .http]
        return fixed.filter { old.values[$0]?.text != new.values[$0]?.text }
    }
}
