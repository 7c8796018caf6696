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
    private let classify: @Sendable (any Error) -> FailureClass

    /// A handler over ports, sharing large portfolios through `exchange` with other workers; `classify` says what kind of failure an error of theirs is, `threads` nil takes every core.
    public init(
        onlyWhereDataIsNew: Bool, reader: any DemandReader, registry: any ForecastRegistry,
        exchange: (any ShardExchange)? = nil, scoring: any ForecastScoring, codeVersion: String,
        threads: Int? = nil, classify: @escaping @Sendable (any Error) -> FailureClass
    ) {
        kind = onlyWhereDataIsNew ? "forecast" : "retrain"
        self.reader = reader
        self.registry = registry
        self.scoring = scoring
        retraining = Retraining(
            reader: reader, registry: registry, exchange: exchange, codeVersion: codeVersion, threads: threads)
        self.classify = classify
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

    /// What kind of failure an error is.
    public func failureClass(of error: any Error) -> FailureClass {
        (error as? PipelineError)?.failureClass ?? classify(error)
    }
}
