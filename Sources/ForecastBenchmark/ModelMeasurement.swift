public import Forecasting
internal import TimeSeries

/// What one model costs on series whose ends are held back, and how good it is there.
public struct ModelMeasurement: Sendable {
    /// The model.
    public var model: ModelChoice
    /// Series forecast.
    public var series: Int
    /// Values they have.
    public var observations: Int
    /// Seconds from beginning to end for means alone.
    public var seconds: Double
    /// Seconds of processor time for means alone, over all threads.
    public var processorSeconds: Double
    /// Seconds of processor time with the 80 % and the 95 % interval.
    public var processorSecondsWithIntervals: Double
    /// The most memory the process had while it forecast, in bytes; `nil` where the system does not tell.
    public var peakMemory: Int?
    /// How good the forecast is.
    public var scores: HoldOut.Scores
    /// Which models were chosen and for how many series, the most frequent first.
    public var chosen: [(name: String, count: Int)]

    /// Series per second of processor time.
    public var seriesPerSecond: Double { Double(series) / processorSeconds }
    /// Series per second of processor time, with intervals.
    public var seriesPerSecondWithIntervals: Double { Double(series) / processorSecondsWithIntervals }
    /// Nanoseconds of processor time per value.
    public var nanosecondsPerObservation: Double { processorSeconds * 1e9 / Double(max(observations, 1)) }

    /// Forecasts the series `times` times with and without intervals; times are medians.
    ///
    /// Behind each forecast stands a backtest from `origins` origins, which chooses and corrects; 0 for the forecast
    /// alone.
    ///
    /// - Throws: `ForecastError` where the model cannot be used on such series.
    public static func measure(
        _ model: ModelChoice, on held: HoldOut, horizon: Int, origins: Int, times: Int, threads: Int
    ) async throws -> ModelMeasurement {
        precondition(times > 0)
        func engine(levels: [Double]) throws(ForecastError) -> ForecastEngine {
            try ForecastEngine(
                configuration: ForecastConfiguration(
                    frequency: held.known.first?.start.frequency ?? .monthly, season: held.season, horizon: horizon,
                    quantileLevels: levels, model: model, origins: origins, threads: threads))
        }
        let points = try engine(levels: [])
        let intervals = try engine(levels: [0.025, 0.1, 0.9, 0.975])
        // Whatever is loaded or made at the first call only is not counted.
        _ = try await intervals.forecast(Array(held.known.prefix(3)))
        var (seconds, processor, withIntervals): ([Double], [Double], [Double]) = ([], [], [])
        var forecasts: [SeriesForecast] = []
        ProcessMemory.resetPeak()
        for _ in 0..<times {
            let meter = Stopwatch()
            forecasts = try await points.forecast(held.known)
            seconds.append(meter.seconds)
            processor.append(meter.processorSeconds)
            let second = Stopwatch()
            forecasts = try await intervals.forecast(held.known)
            withIntervals.append(second.processorSeconds)
        }
        var names: [String: Int] = [:]
        for forecast in forecasts { names[forecast.model, default: 0] += 1 }
        return ModelMeasurement(
            model: model, series: held.known.count, observations: held.observations, seconds: median(seconds),
            processorSeconds: median(processor), processorSecondsWithIntervals: median(withIntervals),
            peakMemory: ProcessMemory.peak(),
            scores: held.scores(means: forecasts.map(\.mean), quantiles: forecasts.map(\.quantiles)),
            chosen: names.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) })
    }

    private static func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }
}
