package import Forecasting
package import Monitoring
package import TimeSeries

/// Series of a retrain that are trained together, with all that decides what comes out.
///
/// Training them is a pure function of it: whoever trains a shard, on whichever host, gets the same to the last bit, as
/// long as code and processor are of the same kind.
public struct TrainingShard: Sendable, Codable {
    /// Version of the code, and the kind of processor, that the version is trained with.
    package var engine: EngineIdentity
    /// How the series are forecast.
    package var configuration: ForecastConfiguration
    /// How the champion's choices are run again beside them; `nil` where `configuration` says that as well.
    package var rival: ForecastConfiguration?
    /// The series, in key order.
    package var series: [DemandSeries]
    /// What the champion uses for each of the series, to meet or to hold on to; `nil` where nothing is met.
    package var incumbents: [Incumbent?]?
    /// What new series are forecast by.
    package var like: [SeriesKey: LikeHistories]

    /// How many series it has.
    public var count: Int { series.count }

    /// Trains the series.
    ///
    /// - Parameters:
    ///   - threads: how many are worked on at once; `nil` takes every core. The result does not depend on it.
    ///   - progress: takes how many are done.
    public func train(
        threads: Int?, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> ShardOutcome {
        let clock = ContinuousClock()
        let start = clock.now
        let forecasts = try await ForecastEngine(configuration: configuration.on(threads)).forecast(
            series, incumbents: rival == nil ? incumbents : nil, like: like, progress: progress)
        var rivals = forecasts
        if let rival, let incumbents {
            rivals = try await ForecastEngine(configuration: rival.on(threads)).forecast(
                series, incumbents: incumbents)
        }
        return ShardOutcome(
            forecasts: forecasts, pairs: zip(forecasts, rivals).compactMap { PairedSeries($0, rival: $1) },
            seconds: (clock.now - start) / .seconds(1))
    }
}

/// What came of a shard.
public struct ShardOutcome: Sendable, Codable {
    /// The forecast of each series, in their order.
    package var forecasts: [SeriesForecast]
    /// Champion and challenger on every series that has both, in their order.
    package var pairs: [PairedSeries]
    /// How long it took.
    package var seconds: Double
}

/// What has to be the same for two who train the same to get the same.
public struct EngineIdentity: Sendable, Codable, Hashable {
    /// Version of the code.
    public var codeVersion: String
    /// The kind of processor whose arithmetic is used, such as `Haswell`.
    public var processor: String

    /// An identity.
    public init(codeVersion: String, processor: String) {
        self.codeVersion = codeVersion
        self.processor = processor
    }

    /// This process's.
    public static func here(_ codeVersion: String) -> EngineIdentity {
        EngineIdentity(codeVersion: codeVersion, processor: ForecastEngine.processor)
    }
}

extension ForecastConfiguration {
    /// The same on so many threads.
    func on(_ threads: Int?) -> ForecastConfiguration {
        var configuration = self
        configuration.threads = threads
        return configuration
    }
}
