import ForecastBenchmark
import Forecasting
import Terminal

/// The rows `suyo bench` prints: few columns for people, all of them for programs.
struct BenchTable {
    /// Measurements of models so far.
    private(set) var models = 0
    private var rows: [[Report.Value]] = []

    /// Each column's name and, where people see it too, what it is called there.
    private static let columns: [(name: String, shown: String?)] = [
        ("data", "data"), ("model", "model"), ("series", "series"), ("observations", nil), ("seconds", nil),
        ("processor_seconds", nil), ("processor_seconds_with_intervals", nil), ("series_per_second", "series/s"),
        ("series_per_second_with_intervals", "with_intervals"), ("observations_per_second", nil),
        ("nanoseconds_per_observation", "ns/value"), ("cycles_per_observation", "cycles"), ("mase", "mase"),
        ("smape", "smape"), ("wape", nil), ("bias", nil), ("coverage_80", "in_80"), ("coverage_95", "in_95"),
        ("peak_mebibytes", "MiB"), ("chosen", nil),
    ]

    mutating func add(_ kernel: KernelMeasurement) {
        add([
            "data": .text("kernel"), "model": .text(kernel.form),
            "observations_per_second": number(1e9 / kernel.nanoseconds, 0),
            "nanoseconds_per_observation": number(kernel.nanoseconds, 2),
            "cycles_per_observation": number(kernel.cycles, 2),
        ])
    }

    mutating func add(_ measured: ModelMeasurement, on data: String) {
        models += 1
        let scores = measured.scores
        let nanoseconds = measured.nanosecondsPerObservation
        add([
            "data": .text(data), "model": .text(measured.model.name), "series": .number("\(measured.series)"),
            "observations": .number("\(measured.observations)"), "seconds": number(measured.seconds, 6),
            "processor_seconds": number(measured.processorSeconds, 6),
            "processor_seconds_with_intervals": number(measured.processorSecondsWithIntervals, 6),
            "series_per_second": number(measured.seriesPerSecond, 0),
            "series_per_second_with_intervals": number(measured.seriesPerSecondWithIntervals, 0),
            "observations_per_second": number(1e9 / nanoseconds, 0),
            "nanoseconds_per_observation": number(nanoseconds, 0), "mase": number(scores.mase, 4),
            "smape": number(scores.smape, 2), "wape": number(scores.wape, 4), "bias": number(scores.bias, 4),
            "coverage_80": number(scores.coverage80, 3), "coverage_95": number(scores.coverage95, 3),
            "peak_mebibytes": number(measured.peakMemory.map { Double($0) / 1_048_576 }, 0),
            "chosen": .text(measured.chosen.map { "\($0.name) \($0.count)" }.joined(separator: ", ")),
        ])
    }

    /// The rows in the columns of a format.
    func report(_ format: Report.Format) -> Report {
        guard format == .table else { return Report(columns: BenchTable.columns.map(\.name), rows: rows) }
        let places = BenchTable.columns.indices.filter { BenchTable.columns[$0].shown != nil }
        return Report(
            columns: places.compactMap { BenchTable.columns[$0].shown },
            rows: rows.map { row in places.map { row[$0] } })
    }

    private mutating func add(_ values: [String: Report.Value]) {
        rows.append(BenchTable.columns.map { values[$0.name] ?? .null })
    }

    private func number(_ value: Double?, _ places: Int) -> Report.Value {
        value.map { .number(decimal($0, places)) } ?? .null
    }
}
