internal import Dispatch

/// Runs one connection's work on a queue of its own, because libpq blocks and the cooperative pool must not.
final class ConnectionExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "suyo.postgres-connection")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
