public import Forecasting
internal import Foundation
internal import TabularText
internal import TimeSeries

/// Writes forecasts as a file: `unique_id,ds,mean`, then `lo-80,hi-80` for each level and `q0.1` for each quantile.
public struct ForecastFile: Sendable {
    /// Central intervals in percent, such as 80 and 95.
    public let levels: [Double]
    /// Quantiles, each inside (0, 1).
    public let quantiles: [Double]

    /// A layout; `nil` where a level lies outside (0, 100) or a quantile outside (0, 1).
    public init?(levels: [Double], quantiles: [Double]) {
        guard levels.allSatisfy({ $0 > 0 && $0 < 100 }), quantiles.allSatisfy({ $0 > 0 && $0 < 1 }) else { return nil }
        self.levels = levels
        self.quantiles = quantiles
    }

    /// The quantile levels the engine must be asked for, ascending; none where only the mean is wanted, which is faster.
    public var quantileLevels: [Double] { Set(askedLevels).sorted() }

    /// The level of each column behind the mean, in order.
    private var askedLevels: [Double] {
        levels.flatMap { [ForecastFile.lower($0), ForecastFile.upper($0)] } + quantiles.map(ForecastFile.rounded)
    }

    /// Writes the forecasts of a file's series, in its order; `-` is standard output, `.gz` is packed.
    public func write(_ forecasts: [SeriesForecast], of file: SeriesFile, to path: String) throws {
        precondition(forecasts.count == file.series.count, "a forecast for each series")
        let writer = try DelimitedWriter(path: path)
        for name in ["unique_id", "ds", "mean"] { writer.field(name) }
        for level in levels {
            writer.field("lo-\(ForecastFile.short(level))")
            writer.field("hi-\(ForecastFile.short(level))")
        }
        for quantile in quantiles { writer.field("q\(ForecastFile.short(quantile))") }
        try writer.endRecord()
        let asked = askedLevels
        for (index, forecast) in forecasts.enumerated() {
            let columns = asked.compactMap { forecast.quantileLevels.firstIndex(of: $0) }
            precondition(columns.count == asked.count, "the engine was asked for every level")
            for step in forecast.mean.indices {
                writer.field(forecast.key.item)
                writer.field(file.lastDates[index].advanced(by: step + 1, file.frequency).description)
                writer.field("\(forecast.mean[step])")
                for column in columns {
                    writer.field("\(forecast.quantiles[step * forecast.quantileLevels.count + column])")
                }
                try writer.endRecord()
            }
        }
        try writer.finish()
    }

    /// Writes a report in JSON: model, parameters, likelihood and notes of each series.
    public static func writeReport(_ forecasts: [SeriesForecast], of file: SeriesFile, to path: String) throws {
        let writer = try DelimitedWriter(path: path)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try writer.write(Array("{\"series\":[".utf8))
        for (index, forecast) in forecasts.enumerated() {
            var notes = forecast.notes
            if file.repeated[index] > 0 {
                notes.append("\(file.repeated[index]) rows repeat a date of the series: their values are added")
            }
            let entry = ReportedSeries(
                uniqueID: forecast.key.item, model: forecast.model, parameters: forecast.parameters,
                logLikelihood: forecast.logLikelihood, aicc: forecast.aicc, observations: forecast.observations,
                demandClass: forecast.demandClass, notes: notes)
            try writer.write((index > 0 ? [0x2c, 0x0a] : [0x0a]) + encoder.encode(entry))
        }
        try writer.write(
            Array("\n],\"accepted\":\(file.accepted),\"rejected\":\(file.rejected),\"rejected_rows\":".utf8))
        try writer.write(Array(encoder.encode(file.rejectedRows)) + Array("}\n".utf8))
        try writer.finish()
    }

    private static func lower(_ level: Double) -> Double { rounded((100 - level) / 200) }
    private static func upper(_ level: Double) -> Double { rounded((100 + level) / 200) }

    /// To nine digits, so that the level 80 and the quantile 0.1 ask for the same number.
    private static func rounded(_ level: Double) -> Double { (level * 1e9).rounded() / 1e9 }

    private static func short(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
}

/// One series as the report shows it.
private struct ReportedSeries: Encodable {
    var uniqueID: String
    var model: String
    var parameters: NamedValues
    var logLikelihood: Double?
    var aicc: Double?
    var observations: Int
    var demandClass: DemandClass
    var notes: [String]

    enum CodingKeys: String, CodingKey {
        case model, parameters, aicc, observations, notes
        case uniqueID = "unique_id"
        case logLikelihood = "log_likelihood"
        case demandClass = "demand_class"
    }
}
