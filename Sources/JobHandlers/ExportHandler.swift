internal import Foundation
public import Pipeline
public import Scheduling

/// Runs of kind `export`: what is current is written to files for other systems.
public struct ExportHandler: RunHandler {
    /// The kind.
    public let kind = "export"
    private let write: @Sendable (ExportSpecification) async throws -> [String]
    private let classify: @Sendable (any Error) -> FailureClass

    /// A handler that writes by `write`, which returns the files' paths; `classify` says what kind of failure an error of its
    /// is.
    public init(
        write: @escaping @Sendable (ExportSpecification) async throws -> [String],
        classify: @escaping @Sendable (any Error) -> FailureClass
    ) {
        self.write = write
        self.classify = classify
    }

    /// Writes; the result is the files.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        let files = try await write(try ExportSpecification(json: run.spec))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (
            String(decoding: try encoder.encode(["files": files]), as: UTF8.self),
            files.isEmpty ? ["Nothing is current, so there is no file."] : files.map { "Wrote \($0)." }
        )
    }

    /// What kind of failure an error is.
    public func failureClass(of error: any Error) -> FailureClass {
        (error as? PipelineError)?.failureClass ?? classify(error)
    }
}
