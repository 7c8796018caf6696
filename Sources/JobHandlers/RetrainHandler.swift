internal import Foundation
public import Pipeline
public import Scheduling

/// Runs of kind `retrain`: a new version of the portfolio, published.
///
/// With `onlyWhereDataIsNew` it is the kind `forecast`: a version is trained only where a bucket has been completed since
/// the champion was published, so that a job may look every hour. Corrections of older demand wait until then.
public struct RetrainHandler: RunHandler {
    /// The kind.
    public let kind: String
    private let retraining: Retraining
    private let reader: any DemandReader
    private let registry: any ForecastRegistry
    private let scoring: any ForecastScoring
    private let isTransient: @Sendable (any Error) -> Bool

    /// A handler over ports; `isTransient` says which errors of theirs pass by themselves, `threads` nil takes every core.
    public init(
        onlyWhereDataIsNew: Bool, reader: any DemandReader, registry: any ForecastRegistry,
        scoring: any ForecastScoring, codeVersion: String,
        threads: Int? = nil, isTransient: @escaping @Sendable (any Error) -> Bool
    ) {
        kind = onlyWhereDataIsNew ? "forecast" : "retrain"
        self.reader = reader
        self.registry = registry
        self.scoring = scoring
        retraining = Retraining(reader: reader, registry: registry, codeVersion: codeVersion, threads: threads)
        self.isTransient = isTransient
    }

    /// Trains and publishes; the result is what the retrain did.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        let specification = try PortfolioSpecification(json: run.spec)
        if kind == "forecast", let watermark = try await reader.watermark(),
            let champion = try await registry.champion(of: run.jobName), champion.specification == specification,
            specification.lastCompleteBucket(champion.dataThrough)
                >= specification.lastCompleteBucket(watermark.dataThrough)
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
        let notes = outcome.notes + (await matured(run.jobName, specification))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (String(decoding: try encoder.encode(outcome), as: UTF8.self), notes)
    }

    /// Scores what has matured, after the new forecasts are out, and goes back where it was too bad: nobody waits for it, and
    /// the next run makes up for one that failed.
    private func matured(_ portfolio: String, _ specification: PortfolioSpecification) async -> [String] {
        do {
            let count = try await scoring.score(portfolio: portfolio)
            guard count.scored + count.corrected > 0 else { return [] }
            let scored =
                "Matured: \(count.scored) buckets of series scored, \(count.corrected) corrected: look at suyo forecast accuracy."
            return [scored]
                + [try await scoring.rollBackIfWorse(portfolio: portfolio, rules: specification.rollback)].compactMap {
                    $0
                }
        } catch {
            return ["What has matured was not scored, and will be by the next run: \(error)"]
        }
    }

    /// Whether another attempt may do better: not after an error in the data or the spec.
    public func isWorthARetry(_ error: any Error) -> Bool {
        if let error = error as? PipelineError {
            if case .championChanged = error { return true }
            return false
        }
        return isTransient(error)
    }
}
