package import Forecasting
internal import TimeSeries

/// Every series of a portfolio as the models will see it, with what was decided on the way.
public struct PortfolioSeries: Sendable {
    /// How far demand has arrived.
    public var watermark: DataWatermark
    /// The series, in ascending order of key.
    public var series: [BuiltSeries]
    /// The holidays of the portfolio's calendar.
    package var holidays: [Holiday]
    /// What a reader should know.
    public var notes: [String]

    /// Reads a portfolio's demand and builds its series.
    ///
    /// Throws ``PipelineError/noDemand(_:)`` where nothing at all can be forecast.
    public static func read(
        _ specification: PortfolioSpecification, from reader: any DemandReader
    ) async throws -> PortfolioSeries {
        guard let watermark = try await reader.watermark() else {
            throw PipelineError.noDemand(
                "There is no demand to forecast yet: import orders with suyo import orders FILE.")
        }
        let builder = SeriesBuilder(
            frequency: specification.frequency, dataThrough: watermark.dataThrough,
            historyLimit: specification.historyLimit)
        let histories = try await reader.histories(of: specification, through: watermark.dataThrough)
        let series = histories.compactMap { builder.build($0) }
        guard !series.isEmpty else {
            throw PipelineError.noDemand(
                "No item in the job's scope has demand up to \(watermark.dataThrough): look at the scope in the job's spec, and at suyo data check."
            )
        }
        var notes: [String] = []
        if let reason = watermark.immatureReason { notes.append(reason) }
        if histories.count > series.count {
            notes.append(
                "\(histories.count - series.count) series are not forecast: discontinued, or without demand up to the cut-off."
            )
        }
        let missing = series.reduce(0) { $0 + $1.adjustments.count { $0 == .outOfStock } }
        if missing > 0 {
            notes.append("\(missing) buckets were out of stock and count as missing, not as zero demand.")
        }
        var holidays: [Holiday] = []
        if let calendar = specification.holidayCalendar {
            holidays = try await reader.holidays(calendar: calendar)
            if holidays.isEmpty { notes.append("The holiday calendar \(calendar) is empty.") }
        }
        return PortfolioSeries(watermark: watermark, series: series, holidays: holidays, notes: notes)
    }
}

extension PortfolioSpecification {
    /// What the forecasting engine is told.
    package func configuration(holidays: [Holiday], threads: Int?) throws -> ForecastConfiguration {
        guard let choice = ModelChoice(name: model) else {
            throw PipelineError.invalidSpecification(
                "there is no model '\(model)'; take one of \(ModelChoice.names.joined(separator: ", "))")
        }
        return ForecastConfiguration(
            frequency: frequency, season: season, horizon: horizon, model: choice, origins: origins, seed: seed,
            holidays: holidays, threads: threads)
    }
}
