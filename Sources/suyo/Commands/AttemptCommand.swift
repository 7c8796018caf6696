import ArgumentParser
import AttemptProcess
import PostgresClient
import Scheduling
import Store
import UnixSignals

/// The other end of ``Attempts``: not for people.
struct AttemptCommand: AsyncParsableCommand {
    static let name = "attempt"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "One attempt at a run, in a process that suyo serve starts.", shouldDisplay: false)

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm)
        try await AttemptChild.main(
            stop: { for await _ in signals { return } },
            handler: { request in
                // A run reads and writes side by side, and shares its work meanwhile.
                let database = Database(target: ConnectionTarget(request.database), size: 4)
                return JobRunner.handlers(database, threads: request.threads, codeVersion: request.codeVersion)
                    .first { $0.kind == request.run.kind }
            })
    }
}
