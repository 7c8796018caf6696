internal import ContentHash
internal import Forecasting
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
        /// Seconds by phase.
        public var timings: [String: Double]
        /// What a reader should know.
        public var notes: [String]
    }

    private let reader: any DemandReader
    private let registry: any ForecastRegistry
    private let codeVersion: String
    private let threads: Int?

    /// A retraining that reads and publishes through ports; `threads` nil takes every core.
    public init(
        reader: any DemandReader, registry: any ForecastRegistry, codeVersion: String, threads: Int? = nil
    ) {
        self.reader = reader
        self.registry = registry
        self.codeVersion = codeVersion
        self.threads = threads
    }

    /// Retrains a portfolio and publishes it.
    ///
    /// Nothing is written before the one transaction at the end, so that an attempt that dies leaves nothing behind.
    /// Throws ``PipelineError``, what the ports throw, and `CancellationError`.
    public func run(
        portfolio: String, specification: PortfolioSpecification, permit: WritePermit,
        progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> Outcome {
        let clock = ContinuousClock()
        var timings: [String: Double] = [:]
        var mark = clock.now
        func lap(_ phase: String) {
            let now = clock.now
            timings[phase] = (now - mark) / .seconds(1)
            mark = now
        }

        progress(Progress(fraction: 0, message: "reading demand"))
        let portfolioSeries = try await PortfolioSeries.read(specification, from: reader)
        let built = portfolioSeries.series
        lap("read")

        let engine = try ForecastEngine(
            configuration: specification.configuration(holidays: portfolioSeries.holidays, threads: threads))
        progress(Progress(fraction: 0.1, message: "training \(built.count) series"))
        let forecasts = try await engine.forecast(built.map(\.series)) { done in
            progress(
                Progress(
                    fraction: 0.1 + 0.8 * Double(done) / Double(built.count),
                    message: "trained \(done) of \(built.count) series"))
        }
        lap("train")

        progress(Progress(fraction: 0.9, message: "publishing"))
        var hash = SHA256()
        let contentHashes = built.map(\.contentHash)
        for one in contentHashes { hash.update(Array(one.utf8)) }
        let trained = TrainedPortfolio(
            portfolio: portfolio, specification: specification,
            quantileLevels: ForecastConfiguration.standardLevels, dataThrough: portfolioSeries.watermark.dataThrough,
            dataHash: hash.finish(), codeVersion: codeVersion, series: built,
            contentHashes: contentHashes, forecasts: forecasts,
            accuracy: PortfolioAccuracy(forecasts), timings: timings, notes: portfolioSeries.notes)
        let published = try await registry.publish(trained, under: permit)
        lap("publish")
        progress(Progress(fraction: 1, message: "published version \(published.versionID)"))

        var models: [String: Int] = [:]
        for forecast in forecasts { models[forecast.model, default: 0] += 1 }
        return Outcome(
            published: published, dataThrough: trained.dataThrough.description, accuracy: trained.accuracy,
            models: models, timings: timings, notes: trained.notes)
    }
}
