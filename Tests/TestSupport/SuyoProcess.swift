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
    }

    /// Runs `suyo` in the background while `body` goes on; `signal` sends it one.
    package func background(
        _ arguments: [String], _ body: (_ signal: (Signal) throws -> Void) async throws -> Void
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath("\(SuyoProcess.products)/suyo")), arguments: Arguments(arguments), environment: variables,
            input: .none,
            output: .string(limit: 1 << 24), error: .string(limit: 1 << 24)
        ) { execution in
            do {
                try await body { signal in
                    switch signal {
                    case .terminate: try execution.send(signal: .terminate)
                    case .kill: try execution.send(signal: .kill)
                    case .interrupt: try execution.send(signal: .interrupt)
                    }
                }
            } catch {
                // A test that gives up must not leave the process behind.
                try? execution.send(signal: .kill)
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
