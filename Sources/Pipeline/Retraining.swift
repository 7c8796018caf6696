internal import Forecasting
public import Monitoring
internal import Synchronization
internal import TimeSeries

/// Retrains a portfolio: demand to series, series to models, models to a version, a version to current forecasts.
public struct Retraining: Sendable {
    /// What a retrain is doing, for a person who watches.
    public struct Progress: Sendable {
        /// Share done, 0 to 1.
        public var fraction: Double
        /// What it is doing.
        public var message: String
    }

    /// What a retrain did.
    public struct Outcome: Sendable, Codable {
        /// Version and publication.
        public var published: PublishedVersion
        /// Last local day of complete data.
        public var dataThrough: String
        /// Accuracy in the backtest.
        public var accuracy: PortfolioAccuracy
        /// Series per model.
        public var models: [String: Int]
        /// What the gate decided.
        public var gate: GateVerdict?
        /// Seconds by phase.
        public var timings: [String: Double]
        /// What a reader should know.
        public var notes: [String]
    }

    /// Series that are reconciled at most: they wait in memory, some 30 KB each of three years of days, which is what the
    /// smallest machine has to spare.
    package static let usualReconciled = 20_000

    private let reader: any DemandReader
    private let registry: any ForecastRegistry
    private let exchange: (any ShardExchange)?
    private let engine: EngineIdentity
    private let threads: Int?
    private let shardSize: Int?
    private let sharesFrom: Duration
    private let mostReconciled: Int

    /// A retraining that reads and publishes through ports.
    ///
    /// Large portfolios are shared through `exchange` with other workers that have time; `nil` shares nothing. `threads`
    /// nil takes every core.
    public init(
        reader: any DemandReader, registry: any ForecastRegistry, exchange: (any ShardExchange)? = nil,
        codeVersion: String, threads: Int? = nil
    ) {
        self.init(
            reader: reader, registry: registry, exchange: exchange, codeVersion: codeVersion, threads: threads,
            shardSize: nil, sharesFrom: ShardPipeline.usualSharesFrom)
    }

    /// One with shards of another size, shared sooner or later, or reconciled up to another number of series; the series of a
    /// shard learn from each other, so that what comes out of others differs.
    package init(
        reader: any DemandReader, registry: any ForecastRegistry, exchange: (any ShardExchange)?,
        codeVersion: String, threads: Int? = nil, shardSize: Int?, sharesFrom: Duration,
        mostReconciled: Int = usualReconciled
    ) {
        self.reader = reader
        self.registry = registry
        self.exchange = exchange
        engine = .here(codeVersion)
        self.threads = threads
        self.shardSize = shardSize
        self.sharesFrom = sharesFrom
        self.mostReconciled = mostReconciled
    }

    /// Retrains a portfolio and publishes it.
    ///
    /// Demand is read, trained on and stored shard by shard, all inside one transaction, so that an attempt that dies
    /// leaves nothing behind and memory does not grow with the portfolio. Where the gate refuses the new version, or sends it
    /// into the shadow, the champion's models are fitted to tonight's demand and published instead, so that nobody reads
    /// yesterday's numbers.
    /// Throws ``PipelineError``, what the ports throw, and `CancellationError`.
    public func run(
        portfolio: String, specification: PortfolioSpecification, permit: WritePermit,
        progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> Outcome {
        progress(Progress(fraction: 0, message: "reading demand"))
        guard let watermark = try await reader.watermark() else {
            throw PipelineError.noDemand(
                "There is no demand to forecast yet: import orders with suyo import orders FILE.")
        }
        let course = RetrainCourse(
            specification, trial: try await registry.shadowTrial(of: portfolio),
            concerned: try await registry.seriesConcerned(by: permit.runID),
            isOnProbation: try await registry.isOnProbation(portfolio))
        let header = VersionHeader(
            portfolio: portfolio, specification: specification,
            quantileLevels: ForecastConfiguration.standardLevels, dataThrough: watermark.dataThrough,
            codeVersion: engine.codeVersion)
        let clock = ContinuousClock()
        let start = clock.now
        let latest = Mutex(TrainingTally())
        let verdict = Mutex<GateVerdict?>(nil)
        /// One pass over all series; the gate judges what was chosen anew.
        @Sendable func pass(_ writer: any VersionWriter, _ selection: Selection) async throws -> VersionSummary {
            let tally = TrainingTally.Box()
            var asked = specification
            if case .held(let version) = selection { asked = specification.holding(version.specification) }
            let training = try await PortfolioTraining(
                specification: asked, selection: selection, watermark: watermark, reader: reader, engine: engine,
                shardSize: shardSize)
            let waiting = specification.reconciliation == .bottomUp ? nil : WaitingWriter(writer, limit: mostReconciled)
            try await reader.withHistories(of: specification, through: watermark.dataThrough) { shards in
                try await ShardPipeline(
                    training: training, shards: shards, writer: waiting ?? writer, tally: tally,
                    exchange: exchange.map { ($0, permit) }, sharesFrom: sharesFrom, threads: threads,
                    progress: progress
                ).run()
            }
            if let waiting {
                progress(Progress(fraction: 0.96, message: "reconciling series and totals"))
                try await training.reconcile(
                    waiting, by: specification.reconciliation, tally: tally, threads: threads)
            }
            progress(Progress(fraction: 0.97, message: selection.isHeld ? "publishing" : "judging"))
            let done = tally.value
            latest.withLock { $0 = done }
            let judged = selection.isHeld ? nil : training.verdict(done, champion: writer.champion, course: course)
            if let judged { verdict.withLock { $0 = judged } }
            return try done.summary(of: watermark, seconds: (clock.now - start) / .seconds(1), verdict: judged)
        }
        let published = try await registry.publish(header, under: permit, course: course, make: pass)
        let done = latest.withLock { $0 }
        let judged = verdict.withLock { $0 }
        var notes = course.notes + done.allNotes(watermark) + Retraining.gateNotes(judged, published)
        progress(Progress(fraction: 0.99, message: "looking for exceptions"))
        do {
            try await registry.refreshPlanning()
        } catch {
            // The forecasts are out, and the next publication looks again.
            notes.append("Exceptions are as they were before: \(error)")
        }
        progress(Progress(fraction: 1, message: "published version \(published.versionID)"))
        return Outcome(
            published: published, dataThrough: watermark.dataThrough.description,
            accuracy: done.accuracy.accuracy, models: done.models, gate: judged,
            timings: ["all": (clock.now - start) / .seconds(1), "train": done.trainSeconds],
            notes: notes)
    }

    /// What the gate has to say in the run's log.
    private static func gateNotes(_ verdict: GateVerdict?, _ published: PublishedVersion) -> [String] {
        guard let verdict else { return [] }
        guard let refused = published.refusedVersionID else {
            return ["Gate: " + verdict.reasons.joined(separator: " ")]
        }
        return [
            "Gate: version \(refused) \(verdict.shadow == nil ? "was refused" : "runs in the shadow"). "
                + verdict.reasons.joined(separator: " "),
            "Published instead: version \(published.versionID), the champion's models fitted to the same demand.",
        ]
    }
}
