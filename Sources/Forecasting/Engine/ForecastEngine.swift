public import TimeSeries

/// Forecasts series: picks a model for each by rolling-origin error, fits it, and says how sure it is.
///
/// Pure: the same series and configuration give the same bytes, whatever the number of threads or the order of work.
/// The effects of holidays and events are learnt from all series handed in together, so that one series more or less may
/// move the others' forecasts a little.
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
    /// - Parameters:
    ///   - series: any series of the configured frequency; a strange one gets a simple model and a note.
    ///   - progress: called now and then with how many series are done, from any thread, never backwards.
    /// - Throws: `ForecastError.frequency` before any work; `CancellationError` between two chunks of series.
    public func forecast(
        _ series: [DemandSeries], progress: (@Sendable (Int) -> Void)? = nil
    ) async throws -> [SeriesForecast] {
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
        let prepared = calculation
        // By length, so that the series worked on abreast end together.
        let order = series.indices.sorted { (series[$0].values.count, $0) < (series[$1].values.count, $1) }
        return try await ParallelSeries.map(
            series, order: order, chunk: ForecastEngine.chunk, threads: configuration.threads, progress: progress
        ) { prepared.forecast($0) }
    }

    /// Series per task: enough to fill the lanes of every form many times over.
    private static let chunk = 256

    /// Forecasts one series; a model that learns from all series together is the naive one here.
    public func forecast(one series: DemandSeries) throws(ForecastError) -> SeriesForecast {
        guard series.start.frequency == configuration.frequency else {
            throw .frequency(
                item: series.key.item, found: series.start.frequency, expected: configuration.frequency)
        }
        return SeriesCalculation(configuration).forecast(series)
    }
}
