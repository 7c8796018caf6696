import ArgumentParser
import ForecastBenchmark
import Forecasting
import SeriesFiles
import Terminal
import TimeSeries

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures speed, memory and accuracy of the models, here and now.",
        usage: "suyo bench [options]",
        discussion: """
            Examples:
              suyo bench
              suyo bench --model ets,theta --demand weekly --series 1000
              suyo bench --data demand.csv --frequency monthly --horizon 18 --model auto

            Forecasts are made from all but the last steps of generated series, or of
            those of a file, and compared with what came. Speeds are per core: series
            per second of processor time, without reading and writing. The kernel is
            one pass of exponential smoothing, eight series abreast.
            """)

    @Option(help: ArgumentHelp("Models to measure, such as auto,ets,theta.", valueName: "names"))
    var model: String?
    @Option(help: ArgumentHelp("Kind of series to generate.", valueName: "kind"))
    var demand: GeneratedDemand?
    @Option(help: ArgumentHelp("How many series to generate.", valueName: "n"))
    var series: Int?
    @Option(help: ArgumentHelp("A file with unique_id, ds and y to measure on instead.", valueName: "file"))
    var data: String?
    @Option(help: ArgumentHelp("How long a bucket of the file is.", valueName: "name"))
    var frequency: Frequency?
    @Option(help: ArgumentHelp("Buckets in a season; without it 24, 7, 52, 12, 4 or 1.", valueName: "n"))
    var season: Int?
    @Option(help: ArgumentHelp("Steps to hold back and forecast.", valueName: "n"))
    var horizon: Int?
    @Option(help: ArgumentHelp("Origins of the backtest behind each forecast; 0 for none.", valueName: "n"))
    var origins = 4
    @Option(help: ArgumentHelp("Cores to use.", valueName: "n"))
    var threads = 1
    @Option(help: ArgumentHelp("How often each is measured; the median is shown.", valueName: "n"))
    var times = 3
    @OptionGroup var shown: OutputOptions

    func validate() throws {
        for (name, value) in [
            ("--series", series), ("--season", season), ("--horizon", horizon), ("--threads", threads),
            ("--times", times),
        ] {
            if let value, value < 1 { throw ValidationError("\(name) is \(value); take 1 or more.") }
        }
        guard (0...1000).contains(origins) else {
            throw ValidationError("--origins is \(origins); take 0 to 1000.")
        }
        if data == nil, frequency != nil || season != nil {
            throw ValidationError("--frequency and --season belong to --data; take --demand for generated series.")
        }
        if data != nil, demand != nil || series != nil {
            throw ValidationError("--data brings its own series: leave out --demand and --series.")
        }
        if data != nil, frequency == nil || horizon == nil {
            throw ValidationError("--data needs --frequency and --horizon.")
        }
        if let model { _ = try ModelChoice.list(model) }
    }

    /// What is measured on one set of series.
    private struct Workload {
        var name: String
        var held: HoldOut
        var horizon: Int
        var models: [ModelChoice]
    }

    func run() async throws {
        let workloads = try workloads()
        let bar = ProgressBar("Measuring")
        defer { bar.finish() }
        var table = BenchTable()
        if data == nil && model == nil {
            for form in KernelMeasurement.forms {
                if let kernel = KernelMeasurement.measure(form) { table.add(kernel) }
            }
        }
        let number = workloads.reduce(0) { $0 + $1.models.count }
        for workload in workloads {
            for model in workload.models {
                bar.update(Double(table.models) / Double(number), "\(model.name) on \(workload.name)")
                table.add(
                    try await ModelMeasurement.measure(
                        model, on: workload.held, horizon: workload.horizon, origins: origins, times: times,
                        threads: threads),
                    on: workload.name)
            }
        }
        bar.finish()
        shown.print(table.report(shown.format))
    }

    private func workloads() throws -> [Workload] {
        let models = try model.map(ModelChoice.list)
        if let data, let frequency, let horizon {
            let file = try SeriesFile(path: data, frequency: frequency)
            let held = HoldOut(file.series, season: season ?? frequency.usualSeason, horizon: horizon)
            guard !held.known.isEmpty else {
                throw Failure(.data, "No series of \(data) is longer than the horizon of \(horizon).")
            }
            return [
                Workload(
                    name: data == "-" ? "standard input" : String(data.split(separator: "/").last ?? ""), held: held,
                    horizon: horizon, models: models ?? [.auto, .seasonalNaive])
            ]
        }
        let kinds = demand.map { [$0] } ?? (models == nil ? GeneratedDemand.allCases : [.monthly])
        return kinds.map { kind in
            let steps = horizon ?? kind.horizon
            let held = HoldOut(
                kind.series(series ?? kind.usualCount, steps: steps), season: kind.frequency.usualSeason,
                horizon: steps)
            return Workload(name: kind.rawValue, held: held, horizon: steps, models: models ?? BenchCommand.usual(kind))
        }
    }

    /// The models worth measuring on a kind of demand.
    private static func usual(_ kind: GeneratedDemand) -> [ModelChoice] {
        switch kind {
        case .monthly:
            [.seasonalNaive, .holtWinters, .ets, .theta, .mstl, .ridge, .ridgeDirect, .ridgeGlobal, .auto]
        case .weekly: [.seasonalNaive, .mstl, .auto]
        case .intermittent: [.sba, .tsb, .imapa, .auto]
        }
    }
}
