internal import Foundation

/// Runs one connection's work on a thread of its own, because libpq blocks.
///
/// Not a dispatch queue: on Linux those share as many threads as there are cores, with each other and with every task,
/// so that two connections waiting for a lock would keep the one that holds it from ever committing.
final class ConnectionExecutor: SerialExecutor {
    private let inbox = ConnectionInbox()

    init() {
        let inbox = inbox
        let thread = Thread {
            while let job = inbox.next() { unsafe job.job.runSynchronously(on: job.executor) }
        }
        thread.name = "suyo-connection"
        thread.start()
    }

    deinit { inbox.close() }

    func enqueue(_ job: consuming ExecutorJob) {
        inbox.add(unsafe ConnectionInbox.Entry(job: UnownedJob(job), executor: asUnownedSerialExecutor()))
    }
}

/// What a connection's thread has yet to do.
///
/// `@unchecked` because its condition guards all of it.
private final class ConnectionInbox: @unchecked Sendable {
    @safe struct Entry {
        let job: UnownedJob
        let executor: UnownedSerialExecutor
    }

    private let condition = NSCondition()
    private var entries: [Entry] = []
    private var isClosed = false

    func add(_ entry: Entry) {
        condition.withLock {
            entries.append(entry)
            condition.signal()
        }
    }

    /// The next job, waiting for it; `nil` once closed.
    func next() -> Entry? {
        condition.withLock {
            while entries.isEmpty && !isClosed { condition.wait() }
            return entries.isEmpty ? nil : entries.removeFirst()
        }
    }

    func close() {
        condition.withLock {
            isClosed = true
            condition.signal()
        }
    }
}
