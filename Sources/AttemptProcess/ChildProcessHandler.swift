internal import Foundation
public import Scheduling
internal import Subprocess
internal import SystemPackage

/// Works on runs of one kind in a process of its own, so that a crash or a memory limit never takes the daemon along.
///
/// The process is this very binary. It dies with this one, because it watches its standard input, which this process
/// holds open. Once the task is cancelled it is sent SIGTERM, and SIGKILL after ``patience``.
public struct ChildProcessHandler: RunHandler {
    /// The kind.
    public let kind: String
    private let executable: String
    private let arguments: [String]
    private let request: @Sendable (ClaimedRun) -> AttemptRequest
    private let log: @Sendable (ClaimedRun, String) async throws -> Void

    /// Time from SIGTERM to SIGKILL: enough to interrupt a statement at the server and to hang up.
    static let patience = Duration.seconds(3)

    /// A handler that starts `executable` with `arguments`, and `log`s what the process writes to its standard error.
    public init(
        kind: String, executable: String, arguments: [String],
        request: @escaping @Sendable (ClaimedRun) -> AttemptRequest,
        log: @escaping @Sendable (ClaimedRun, String) async throws -> Void
    ) {
        self.kind = kind
        self.executable = executable
        self.arguments = arguments
        self.request = request
        self.log = log
    }

    /// Starts the process, passes on its progress, and returns its result.
    ///
    /// Throws ``AttemptFailure`` where it fails, crashes or cannot be started.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        let request = request(run)
        let line = try JSONEncoder().encode(request) + Data("\n".utf8)
        let output = CapturedOutput()
        async let logged: Void = record(output, of: run)
        let (message, status): (AttemptMessage?, TerminationStatus)
        do {
            defer { output.finish() }
            (message, status) = try await supervise(line, output, progress)
        } catch let error as SubprocessError {
            await logged
            throw AttemptFailure(.transient, "the attempt's process cannot be run: \(error)")
        }
        // Before the end is recorded: from then on the attempt may write nothing more.
        await logged
        switch message {
        case .completed(let result, let notes): return (result, notes)
        case .failed(let failure, let error): throw AttemptFailure(failure, error)
        case .progress, nil:
            throw AttemptFailure(status, output, memoryLimit: request.memoryLimit)
        }
    }

    /// What kind of failure an error is.
    public func failureClass(of error: any Error) -> FailureClass {
        (error as? AttemptFailure)?.failureClass ?? .transient
    }

    private func supervise(
        _ line: Data, _ output: CapturedOutput, _ progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (AttemptMessage?, TerminationStatus) {
        var options = PlatformOptions()
        // In a group of its own: Ctrl-C at a terminal is for the daemon, which decides what becomes of its attempts.
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: ChildProcessHandler.patience)]
        let result = try await Subprocess.run(
            .path(FilePath(executable)),
            arguments: Arguments(executablePathOverride: "suyo", remainingValues: arguments),
            platformOptions: options, input: .inputWriter, output: .sequence, error: .sequence
        ) { execution in
            // A process that died at once takes nothing; how it died is told by its status.
            _ = try? await execution.standardInputWriter.write(Array(line))
            let (reports, errors) = (execution.standardOutput, execution.standardError)
            async let captured: Void = ChildProcessHandler.capture(errors, output)
            var end: AttemptMessage?
            for try await text in reports.strings(bufferingPolicy: .unbounded) {
                guard let message = try? JSONDecoder().decode(AttemptMessage.self, from: Data(text.utf8)) else {
                    continue
                }
                switch message {
                case .progress(let fraction, let message): progress(fraction, message)
                case .completed, .failed: end = message
                }
            }
            try await captured
            return end
        }
        return (result.closureResult, result.terminationStatus)
    }

    private static func capture(_ errors: SubprocessOutputSequence, _ output: CapturedOutput) async throws {
        for try await line in errors.strings(bufferingPolicy: .unbounded) { output.add(line) }
    }

    /// Logs what is captured; where that fails, the rest is let go, because the attempt matters more.
    private func record(_ output: CapturedOutput, of run: ClaimedRun) async {
        var isTaken = true
        for await line in output.stream where isTaken {
            do { try await log(run, line) } catch { isTaken = false }
        }
    }
}
