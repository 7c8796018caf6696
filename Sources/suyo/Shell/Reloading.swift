import Logging
import Scheduling
import ServiceLifecycle
import ServiceManager
import Settings
import Store
import UnixSignals

/// Reads settings and job files again on SIGHUP. Where one of the two is wrong it is told, and that stays as it was.
struct Reloading: Service {
    let settings: LiveSettings
    let database: Database
    let manager: ServiceManager
    let metrics: DaemonMetrics
    let logger: Logger
    let signals: UnixSignalsSequence

    func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() {
            manager.reloading()
            do {
                let fixed = try settings.reload()
                for name in fixed {
                    logger.warning("this setting takes effect after a restart", metadata: ["setting": "\(name.key)"])
                }
                logger.notice("settings read again")
            } catch {
                logger.error("settings not read again", metadata: ["reason": "\(error)"])
            }
            do {
                try await Reloading.applyJobs(settings.current, database, logger)
            } catch {
                logger.error("job files not applied", metadata: ["reason": "\(error)"])
            }
            manager.ready(status: metrics.status)
        }
    }

    /// Makes the jobs those of the folder that the settings name.
    static func applyJobs(_ settings: Settings, _ database: Database, _ logger: Logger) async throws {
        guard let folder = settings.jobs else { return }
        let changes = try await JobCatalog(database: database).apply(try JobFiles.read(folder), source: "file")
        for change in changes where change.change != "unchanged" {
            logger.info("job applied", metadata: ["job": "\(change.name)", "change": "\(change.change)"])
        }
    }
}
