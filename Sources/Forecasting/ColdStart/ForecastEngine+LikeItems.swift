public import TimeSeries

extension ForecastEngine {
    /// Forecasts a series by items like it, where it has less than a season of history (8 observations without a season);
    /// by its own history where it has more, or where no like item ever had demand.
    ///
    /// A like item is one a person, or the item's data, names: a predecessor, a variant, one of the same kind. What is
    /// borrowed, and how much of the level, stands in the notes; the quantiles are as wide as the like items differ.
    ///
    /// - Parameters:
    ///   - series: the series; it may be empty.
    ///   - like: the histories of like items.
    public func forecast(
        one series: DemandSeries, like: LikeHistories
    ) throws(ForecastError) -> SeriesForecast {
        for one in [series] + like.series where one.start.frequency != configuration.frequency {
            throw .frequency(
                item: one.key.item, found: one.start.frequency, expected: configuration.frequency)
        }
        if ColdStart.isNeeded(series, season: configuration.season),
            let items = LikeItems(like.series, season: configuration.season)
        {
            return ColdStart(series, items: items, stepsBefore: like.stepsBefore).forecast(configuration)
        }
        return try forecast(one: series)
    }

    /// Forecasts many series, each too short a one by its like items where it has any.
    ///
    /// - Parameters:
    ///   - series: as `forecast(_:incumbents:progress:)` takes them.
    ///   - incumbents: as `forecast(_:incumbents:progress:)` takes them; a series that its like items forecast meets none.
    ///   - like: the histories of the like items of a series.
    ///   - progress: as `forecast(_:incumbents:progress:)` calls it.
    public func forecast(
        _ series: [DemandSeries], incumbents: [Incumbent?]? = nil, like: [SeriesKey: LikeHistories],
        progress: (@Sendable (Int) -> Void)? = nil
    ) async throws -> [SeriesForecast] {
        var forecasts = try await forecast(series, incumbents: incumbents, progress: progress)
        for index in series.indices {
            guard let like = like[series[index].key] else { continue }
            guard ColdStart.isNeeded(series[index], season: configuration.season) else { continue }
            forecasts[index] = try forecast(one: series[index], like: like)
        }
        return forecasts
    }
}
