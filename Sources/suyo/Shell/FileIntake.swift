import Foundation
import Intake
import Store
import Synchronization
import TabularText
import Terminal

/// One file on its way into the database, with a bar on the terminal.
final class FileIntake: Sendable {
    /// What became of it.
    struct Outcome {
        var report: IntakeReport
        var seconds: Double
    }

    /// The file, as errors and reports call it.
    let path: String
    private let plan: IntakePlan
    private let reader: Mutex<IntakeReader>

    /// Looks at the header of an open file.
    init(_ source: sending ByteSource, plan: IntakePlan) throws {
        path = source.path
        self.plan = plan
        reader = Mutex(try IntakeReader(source, plan: plan))
    }

    func run(into database: Database, dryRun: Bool) async throws -> Outcome {
        let clock = ContinuousClock()
        let start = clock.now
        let bar = ProgressBar("Importing \((path as NSString).lastPathComponent)")
        defer { bar.finish() }
        let report = try await IntakeStore(database: database).take(
            plan, fileName: (path as NSString).lastPathComponent, dryRun: dryRun,
            rows: {
                let (rows, fraction, done) = try self.reader.withLock { reader in
                    (try reader.next(), reader.fractionRead, reader.accepted + reader.rejected)
                }
                bar.update(rows == nil ? 1 : fraction, "\(grouped(done)) records")
                return rows
            }, contentHash: { self.reader.withLock { $0.contentHash } })
        return Outcome(
            report: report, seconds: (clock.now - start) / .seconds(1))
    }
}
