public import Forecasting
internal import Foundation
internal import TimeSeries

/// Forecasts the series of a file into another, a few thousand series at a time.
///
/// Batches are cut by the number and the length of the series alone, so that what is written does not depend on threads.
/// A model that learns from all series together is given all of them at once.
public struct FileForecast: Sendable {
    /// What forecasts.
    public var engine: ForecastEngine
    /// The columns to write.
    public var columns: ForecastColumns
    /// What is known of days to come; the holidays among it must be in the engine's configuration, too.
    public var known = KnownDays()
    /// The file of series; `-` is standard input, `.gz` is unpacked.
    public var input: String
    /// The file of forecasts; `-` is standard output, `.gz` is packed.
    public var output: String
    /// A file for model, parameters and notes of each series as JSON; `nil` for none.
    public var report: String?

    /// A forecast of one file.
    public init(engine: ForecastEngine, columns: ForecastColumns, input: String, output: String, report: String?) {
        self.engine = engine
        self.columns = columns
        self.input = input
        self.output = output
        self.report = report
    }

    /// Reads, forecasts and writes.
    ///
    /// A file whose series turn out to be scattered is read again from its start, as a whole; standard input and output
    /// cannot be begun again.
    ///
    /// - Returns: what became of the rows. Where they make no series, nothing is written.
    /// - Throws: `TabularError`, ``SeriesFileError`` or `ForecastError`; no file is left where any is thrown.
    public func run(progress: FileProgress? = nil) async throws -> SeriesTally {
        do {
            return try await pass(anyOrder: false, progress: progress)
        } catch SeriesFileError.scattered where FileForecast.canStartAgain(input: input, outputs: [output, report]) {
            return try await pass(anyOrder: true, progress: progress)
        }
    }

    /// Whether a file can be read twice and nothing is written yet that cannot be taken back.
    static func canStartAgain(input: String, outputs: [String?]) -> Bool {
        let paths = [input] + outputs.compactMap { $0 }
        return !paths.contains("-") && isRegular(input)
            && outputs.compactMap { $0 }.allSatisfy { path in
                isRegular(path) || !FileManager.default.fileExists(atPath: path)
            }
    }

    private static func isRegular(_ path: String) -> Bool {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return (try? FileManager.default.attributesOfItem(atPath: target))?[.type] as? FileAttributeType == .typeRegular
    }

    private func pass(anyOrder: Bool, progress: FileProgress?) async throws -> SeriesTally {
        let isPooled = engine.configuration.model == .ridgeGlobal
        var batches = try SeriesBatches(
            path: input, frequency: engine.configuration.frequency, anyOrder: anyOrder, isWhole: isPooled, known: known,
            progress: progress)
        var batch = try batches.next()
        guard batch != nil else { return batches.tally }
        let writer = try ForecastWriter(path: output, columns: columns)
        var reportFile = try report.map { try ReportFile(path: $0, list: "series") }
        while let series = batch {
            let forecasts = try await engine.forecast(series.map(\.series), progress: batches.step())
            for (forecast, one) in zip(forecasts, series) {
                try writer.add(forecast, of: one)
                try reportFile?.add(ReportedSeries(forecast, of: one))
            }
            batch = try batches.next()
        }
        try writer.finish()
        try reportFile?.finish(batches.tally)
        return batches.tally
    }
}
