internal import Forecasting
internal import TabularText
internal import TimeSeries

/// Writes every point of a backtest: `unique_id,model,origin,step,y,mean,chosen`.
struct BacktestPointWriter {
    private let writer: DelimitedWriter

    /// Opens a file and writes its header; `-` is standard output, `.gz` is packed.
    init(path: String) throws {
        writer = try DelimitedWriter(path: path)
        for name in ["unique_id", "model", "origin", "step", "y", "mean", "chosen"] { writer.field(name) }
        try writer.endRecord()
    }

    /// Adds one model's points on one series.
    func add(_ result: ModelBacktest) throws {
        for point in result.points {
            writer.field(result.key.item)
            writer.field(result.model)
            writer.field(point.origin.description)
            writer.field("\(point.step)")
            writer.field("\(point.actual)")
            writer.field("\(point.mean)")
            writer.field(point.model)
            try writer.endRecord()
        }
    }

    /// Puts the file in its place.
    func finish() throws { try writer.finish() }
}
