internal import Foundation
internal import Subprocess
internal import SystemPackage

/// The built binary, run as a person would.
package struct SuyoProcess: Sendable {
    /// What a finished process left.
    package struct Outcome: Sendable {
        /// Exit code; 128 and the signal where one ended it.
        package var code: Int32
        package var output: String
        package var errors: String
    }

    /// Variables set besides those of the test, `nil` taking one away.
    package var environment: [String: String?]

    /// A process that sees no database but the one it is told of.
    package init(environment: [String: String?] = [:]) {
        var variables: [String: String?] = [
            "SUYO_DATABASE_URL": nil, "SUYO_CONFIG": nil, "SUYO_HOME": nil, "PGHOST": nil, "PGDATABASE": nil,
            "PGUSER": nil, "PGPORT": nil, "PGSERVICE": nil,
        ]
        variables.merge(environment) { $1 }
        self.environment = variables
    }

    /// The package's own folder.
    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The folder the binary was built in: the one of the test bundle.
    package static let products: String = {
        let bundle =
            ProcessInfo.processInfo.arguments.first { $0.hasSuffix(".xctest") } ?? ProcessInfo.processInfo.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().path
    }()

    /// Runs `suyo` with arguments to its end.
    package func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath("\(SuyoProcess.products)/suyo")), arguments: Arguments(arguments), environment: variables,
            input: .string(input), output: .string(limit: 1 << 24), error: .string(limit: 1 << 24))
        return Outcome(
            code: SuyoProcess.code(result.terminationStatus), output: result.standardOutput,
            errors: result.standardError)
    }

    /// Runs a line of shell to its end, in the package's folder or another, with the binary on the path.
    package func shell(_ line: String, in folder: String = SuyoProcess.root) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path("/bin/bash"), arguments: ["-euo", "pipefail", "-c", line], environment: variables,
            workingDirectory: FilePath(folder), input: .none, output: .string(limit: 1 << 24),
            error: .string(limit: 1 << 24))
        return Outcome(
            code: SuyoProcess.code(result.terminationStatus), output: result.standardOutput,
            errors: result.standardError)
    }

    /// What a process can be told while it runs.
    package enum Signal: Sendable {
        /// SIGTERM: stop when you can.
        case terminate
        /// SIGKILL: gone at once.
        case kill
        /// SIGINT, as of Ctrl-C.
        case interrupt
        /// SIGHUP: read the settings again.
        case hangUp
        /// SIGSTOP: frozen where it is.
        case freeze
        /// SIGCONT: thawed.
        case thaw
    }

    /// A process that runs.
    package struct Running: Sendable {
        /// Its number.
        package let processID: Int32

        /// Sends it a signal.
        package func send(_ signal: Signal) { SuyoProcess.kill(processID, signal) }

        /// The processes it has started and that are alive.
        package var children: [Running] {
            let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return numbers.compactMap { Int32($0) }.map(Running.init).filter { $0.parent == processID && $0.isAlive }
        }

        /// Whether it runs; one that is dead and only not yet buried does not.
        package var isAlive: Bool { status.map { $0.state != "Z" && $0.state != "X" } ?? false }

        private var parent: Int32? { status?.parent }

        /// State and parent. The name before them stands in parentheses and may hold anything.
        private var status: (state: Substring, parent: Int32)? {
            guard let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
                let fields = text.split(separator: ")").last?.split(separator: " "), fields.count > 1,
                let parent = Int32(fields[1])
            else { return nil }
            return (fields[0], parent)
        }
    }

    private static func kill(_ processID: Int32, _ signal: Signal) {
        let number: Int32 =
            switch signal {
            case .terminate: SIGTERM
            case .kill: SIGKILL
            case .interrupt: SIGINT
            case .hangUp: SIGHUP
            case .freeze: SIGSTOP
            case .thaw: SIGCONT
            }
        _ = Foundation.kill(processID, number)
    }

    /// Runs `suyo` in the background while `body` goes on; `signal` sends it one.
    package func background(
        _ arguments: [String], _ body: (_ signal: (Signal) throws -> Void) async throws -> Void
    ) async throws -> Outcome {
        try await running(arguments) { process in try await body { process.send($0) } }
    }

    /// Runs `suyo` in the background while `body` goes on with it.
    package func running(
        _ arguments: [String], _ body: (Running) async throws -> Void
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath("\(SuyoProcess.products)/suyo")), arguments: Arguments(arguments), environment: variables,
            input: .none,
            output: .string(limit: 1 << 24), error: .string(limit: 1 << 24)
        ) { execution in
            let process = Running(processID: execution.processIdentifier.value)
            do {
                try await body(process)
            } catch {
                // A test that gives up must not leave the process behind.
                process.send(.kill)
                throw error
            }
        }
        return Outcome(
            code: SuyoProcess.code(result.terminationStatus), output: result.standardOutput,
            errors: result.standardError)
    }

    private var variables: Environment {
        var updates: [Environment.Key: String?] = [
            "PATH": "\(SuyoProcess.products):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        ]
        for (name, value) in environment { updates[Environment.Key(stringLiteral: name)] = value }
        return .inherit.updating(updates)
    }

    private static func code(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): Int32(code)
        case .signaled(let signal): 128 + Int32(signal)
        }
    }
}
