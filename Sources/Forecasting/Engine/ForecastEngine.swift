public import TimeSeries

/// Forecasts series: picks a model for each by rolling-origin error, fits it, and says how sure it is.
///
/// Pure: the same series and configuration give the same bytes, whatever the number of threads or the order of work.
/// The effects of holidays and events, the shares of combined models and the shape of quantiles are learnt from series
/// handed in together, so that one series more or less may move the others' forecasts a little.
public struct ForecastEngine: Sendable {
    /// What is forecast and how.
    public let configuration: ForecastConfiguration

    /// An engine for one configuration; throws where that cannot be used.
    public init(configuration: ForecastConfiguration) throws(ForecastError) {
        try configuration.validate()
        self.configuration = configuration
    }

    /// Forecasts many series of unequal length over all cores; results come in the order given.
    ///
    /// Series learn from each other: the shares of combined models and the shape of quantiles are pooled over the series of
    /// a class among each 4,096 given in a row. A forecast therefore depends on the series beside it, as well as on its
    /// own, and on nothing else: the same series in the same order give the same bytes on any number of threads.
    ///
    /// - Parameters:
    ///   - series: any series of the configured frequency; a strange one gets a simple model and a note.
    ///   - incumbents: what an earlier version uses for each series, to be run on the same folds, or to be kept; `nil` for none.
    ///   - progress: called now and then with how many series are done, from any thread, never backwards.
    /// - Throws: `ForecastError.frequency` before any work; `CancellationError` between two chunks of series.
    public func forecast(
        _ series: [DemandSeries], incumbents: [Incumbent?]? = nil, progress: (@Sendable (Int) -> Void)? = nil
    ) async throws -> [SeriesForecast] {
        precondition(incumbents == nil || incumbents?.count == series.count, "one incumbent, or none, for each series")
        for one in series where one.start.frequency != configuration.frequency {
            throw ForecastError.frequency(
                item: one.key.item, found: one.start.frequency, expected: configuration.frequency)
        }
        var calculation = SeriesCalculation(configuration)
        calculation.context.prior = try await EffectPool.prior(
            of: series, configuration: configuration, holidays: calculation.context.holidays)
        if configuration.model == .ridgeGlobal {
            calculation.context.pool = try await RidgePool(series, configuration: configuration)
        }
        var results: [SeriesForecast] = []
        for start in stride(from: 0, to: series.count, by: ForecastEngine.batch) {
            try Task.checkCancellation()
            let range = start..<min(start + ForecastEngine.batch, series.count)
            let present = incumbents.map { Array($0[range]) } ?? []
            let part = try await forecast(
                Array(series[range]), incumbents: present, with: calculation
            ) { progress?(start + $0) }
            if results.isEmpty { results = part } else { results += part }
        }
        return results
    }

    /// Forecasts series that tell each other what their backtests show: candidates are tried, what that tells is pooled,
    /// and the forecasts are made in its light.
    private func forecast(
        _ series: [DemandSeries], incumbents: [Incumbent?], with calculation: SeriesCalculation,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> [SeriesForecast] {
        // By length, so that the series worked on abreast end together.
        let order = series.indices.sorted { (series[$0].values.count, $0) < (series[$1].values.count, $1) }
        let chunks = ParallelSeries.chunks(order, size: ForecastEngine.chunk, threads: configuration.threads)
        let ranked = try await ParallelSeries.map(
            chunks.map { $0.map { series[$0] } }, threads: configuration.threads
        ) { calculation.rank($0) }
        var drafts = ForecastEngine.inOrder(ranked, of: chunks)
        for (index, incumbent) in incumbents.enumerated() {
            if let incumbent { drafts[index] = drafts[index].meeting(incumbent) }
        }
        let knowledge = ClassKnowledge(
            candidates: drafts.compactMap(\.candidateErrors), evidence: try await evidence(drafts))
        var done = 0
        let forecasts = try await ParallelSeries.map(
            chunks.map { $0.map { drafts[$0] } }, threads: configuration.threads,
            progress: { place in
                done += chunks[place].count
                progress(done)
            },
            transform: { calculation.finish($0, knowledge: knowledge) })
        return ForecastEngine.inOrder(forecasts, of: chunks)
    }

    /// Results of chunks in the order of what the chunks were cut from, each place of which is in one of them.
    private static func inOrder<Element>(_ results: consuming [[Element]], of chunks: [ArraySlice<Int>]) -> [Element] {
        var results = results
        let count = chunks.reduce(0) { $0 + $1.count }
        return unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            // Taken from the end, so that nothing is copied.
            for chunk in results.indices {
                precondition(results[chunk].count == chunks[chunk].count, "a result for each member")
                for place in chunks[chunk].reversed() {
                    unsafe buffer.initializeElement(at: place, to: results[chunk].removeLast())
                }
            }
            initialized = count
        }
    }

    /// What the backtests of some series of each class tell about quantiles, in the order of the series; nothing where no
    /// quantile is asked for.
    private func evidence(
        _ drafts: [SeriesDraft]
    ) async throws -> [(demandClass: DemandClass, evidence: QuantileEvidence)] {
        guard !configuration.quantileLevels.isEmpty else { return [] }
        let sample = ClassKnowledge.sample(drafts.map(\.demandClass))
        let chunks = ParallelSeries.chunks(sample, size: 16, threads: configuration.threads)
        return try await ParallelSeries.map(
            chunks.map { $0.map { drafts[$0] } }, threads: configuration.threads,
            transform: SeriesCalculation.evidence
        ).flatMap { $0 }
    }

    /// Series that are pooled and held in memory together.
    private static let batch = 4096

    /// Series per task: enough to fill the lanes of every form many times over.
    private static let chunk = 256

    /// Forecasts one series, with nothing learnt from others; a model that learns from all series together is the naive one here.
    public func forecast(one series: DemandSeries) throws(ForecastError) -> SeriesForecast {
        guard series.start.frequency == configuration.frequency else {
            throw .frequency(
                item: series.key.item, found: series.start.frequency, expected: configuration.frequency)
        }
        return SeriesCalculation(configuration).forecast(series)
    }
}
