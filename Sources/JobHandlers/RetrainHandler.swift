internal import Foundation
public import Pipeline
public import Scheduling

/// Runs of kind `retrain`: a new version of the portfolio, published.
///
/// With `onlyWhereDataIsNew` it is the kind `forecast`: a version is trained only where demand has come in since the
/// champion was published, so that a job may look every hour.
public struct RetrainHandler: RunHandler {
    /// The kind.
    public let kind: String
    private let retraining: Retraining
    private let reader: any DemandReader
    private let registry: any ForecastRegistry
    private let isTransient: @Sendable (any Error) -> Bool

    /// A handler over ports; `isTransient` says which errors of theirs pass by themselves.
    public init(
        onlyWhereDataIsNew: Bool, reader: any DemandReader, registry: any ForecastRegistry, codeVersion: String,
        isTransient: @escaping @Sendable (any Error) -> Bool
    ) {
        kind = onlyWhereDataIsNew ? "forecast" : "retrain"
        self.reader = reader
        self.registry = registry
        retraining = Retraining(reader: reader, registry: registry, codeVersion: codeVersion)
        self.isTransient = isTransient
    }

    /// Trains and publishes; the result is what the retrain did.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        let specification = try RetrainHandler.specification(from: run.spec)
        if kind == "forecast", let watermark = try await reader.watermark(),
            let champion = try await registry.champion(of: run.jobName), champion.dataThrough >= watermark.dataThrough,
            champion.specification == specification
        {
            return (
                "{\"unchanged\":true}",
                ["Nothing new since \(champion.dataThrough): version \(champion.versionID) stays."]
            )
        }
        let outcome = try await retraining.run(
            portfolio: run.jobName, specification: specification,
            permit: WritePermit(runID: run.runID, fence: run.fence)
        ) { progress($0.fraction, $0.message) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (String(decoding: try encoder.encode(outcome), as: UTF8.self), outcome.notes)
    }

    /// Reads a job's `spec`; also for whoever wants to know before it runs.
    ///
    /// Throws ``Pipeline/PipelineError`` that names the key, what is wrong with it, and the choices.
    public static func specification(from spec: String) throws -> PortfolioSpecification {
        let data = Data(spec.utf8)
        do {
            // A key that nothing reads is a mistake that would go unnoticed.
            let given = try JSONDecoder().decode([String: AnyValue].self, from: data).keys
            if let unknown = given.filter({ !PortfolioSpecification.keys.contains($0) }).min() {
                let known = PortfolioSpecification.keys.sorted().joined(separator: ", ")
                throw PipelineError.invalidSpecification("'\(unknown)' is no key of it; those are \(known)")
            }
            return try JSONDecoder().decode(PortfolioSpecification.self, from: data)
        } catch let error as DecodingError {
            throw PipelineError.invalidSpecification(reason(error))
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            let reason =
                context.debugDescription.hasSuffix(".")
                ? String(context.debugDescription.dropLast()) : context.debugDescription
            return place.isEmpty ? reason : "\(place): \(reason)"
        @unknown default:
            return "it cannot be read"
        }
    }

    /// Any value at all, of which only the key is of interest.
    private struct AnyValue: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    /// Whether another attempt may do better: not after an error in the data or the spec.
    public func isWorthARetry(_ error: any Error) -> Bool {
        error is PipelineError ? false : isTransient(error)
    }
}
