internal import Forecasting
internal import TabularText
internal import TimeSeries

/// Writes forecasts as a file, series after series.
struct ForecastWriter {
    private let columns: ForecastColumns
    private let writer: DelimitedWriter

    /// Opens a file and writes its header; `-` is standard output, `.gz` is packed.
    init(path: String, columns: ForecastColumns) throws {
        self.columns = columns
        writer = try DelimitedWriter(path: path)
        for name in columns.names { writer.field(name) }
        try writer.endRecord()
    }

    /// Adds the forecast of a series, dated on from its last row.
    func add(_ forecast: SeriesForecast, of series: FileSeries) throws {
        let places = columns.places(in: forecast)
        let frequency = forecast.origin.frequency
        let width = forecast.quantileLevels.count
        let sums = columns.cumulative ? forecast.cumulativeQuantiles : nil
        precondition(sums != nil || !columns.cumulative, "the engine was asked for quantiles of sums")
        var total = 0.0
        for step in forecast.mean.indices {
            writer.field(forecast.key.item)
            writer.field(series.lastDate.advanced(by: step + 1, frequency).description)
            writer.field("\(forecast.mean[step])")
            for place in places { writer.field("\(forecast.quantiles[step * width + place])") }
            if let sums {
                total += forecast.mean[step]
                writer.field("\(total)")
                for place in places { writer.field("\(sums[step * width + place])") }
            }
            try writer.endRecord()
        }
    }

    /// Puts the file in its place.
    func finish() throws { try writer.finish() }
}
