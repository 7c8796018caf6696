internal import Foundation
public import Scheduling

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An attempt's own process, seen from within: told what to do on standard input, it works and reports.
public enum AttemptChild {
    /// Works on the run that standard input names, reports how it ended, and leaves.
    ///
    /// `handler` wires what works on runs of the kind asked for; `nil` where this binary knows none. A signal SIGTERM
    /// cancels the work. Where the process that started this one dies, this one dies at once: standard input ends then.
    /// That is told to the kernel by the pipe itself, so that there is no moment in which it could be missed.
    public static func main(
        stop: @escaping @Sendable () async -> Void,
        handler: @escaping @Sendable (AttemptRequest) async throws -> (any RunHandler)?
    ) async throws -> Never {
        guard let line = readLine(strippingNewline: true),
            let request = try? JSONDecoder().decode(AttemptRequest.self, from: Data(line.utf8))
        else {
            throw AttemptFailure(
                .configuration, "suyo attempt is what suyo serve starts by itself, and nobody else")
        }
        watchParent()
        let report = AttemptReport()
        if let limit = request.memoryLimit { MemoryLimit(megabytes: limit).enforce(report) }
        let end = await withTaskGroup(of: AttemptMessage?.self) { group in
            group.addTask { await work(request, handler, report) }
            group.addTask {
                await stop()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // Told to stop, the work is waited for, so that it can hang up; whoever told it kills what is slow.
            if first == nil { for await _ in group {} }
            return first
        }
        guard let end else { exit(128 + SIGTERM) }
        report.send(end)
        exit(0)
    }

    private static func work(
        _ request: AttemptRequest, _ handler: (AttemptRequest) async throws -> (any RunHandler)?,
        _ report: AttemptReport
    ) async -> AttemptMessage? {
        var known: (any RunHandler)?
        do {
            known = try await handler(request)
            guard let known else {
                return .failed(.configuration, error: "this binary does not know the kind \(request.run.kind)")
            }
            let outcome = try await known.run(request.run) { report.progress($0, $1) }
            return .completed(result: outcome.result, notes: outcome.notes)
        } catch {
            if Task.isCancelled { return nil }
            if let limit = request.memoryLimit, "\(error)".contains("out of memory") {
                let failure = AttemptFailure.memory(limit)
                return .failed(failure.failureClass, error: failure.description)
            }
            return .failed(known?.failureClass(of: error) ?? .transient, error: "\(error)")
        }
    }

    /// On a thread of its own, which no work of ours can hold up.
    private static func watchParent() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = unsafe read(STDIN_FILENO, &byte, 1)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { kill(getpid(), SIGKILL) }
            }
        }
    }
}
