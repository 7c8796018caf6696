public import Forecasting
internal import TimeSeries

/// Backtests models on the series of a file, a few thousand series at a time.
public struct FileBacktest: Sendable {
    /// What forecasts.
    public var engine: ForecastEngine
    /// The models to compare, on the same folds.
    public var models: [ModelChoice]
    /// Buckets between two origins; `nil` for the horizon.
    public var stride: Int?
    /// What is known of days to come; the holidays among it must be in the engine's configuration, too.
    public var known = KnownDays()
    /// The file of series; `-` is standard input, `.gz` is unpacked.
    public var input: String
    /// A file for every point that was forecast; `nil` for none.
    public var output: String?
    /// A file for each series' errors under each model as JSON; `nil` for none.
    public var report: String?

    /// What came out.
    public struct Outcome: Sendable {
        /// The models in the order of their WAPE; none where no series is long enough for a fold.
        public var models: [BacktestAccuracy]
        /// What became of the rows.
        public var tally: SeriesTally
    }

    /// A backtest of one file.
    public init(
        engine: ForecastEngine, models: [ModelChoice], stride: Int?, input: String, output: String?, report: String?
    ) {
        self.engine = engine
        self.models = models
        self.stride = stride
        self.input = input
        self.output = output
        self.report = report
    }

    /// Reads, forecasts and adds up; a file whose series turn out to be scattered is read again as a whole.
    ///
    /// - Returns: what came out. Where the rows make no series, nothing is written.
    /// - Throws: `TabularError`, ``SeriesFileError`` or `ForecastError`; no file is left where any is thrown.
    public func run(progress: FileProgress? = nil) async throws -> Outcome {
        do {
            return try await pass(anyOrder: false, progress: progress)
        } catch SeriesFileError.scattered
            where FileForecast.canStartAgain(input: input, outputs: [output, report])
        {
            return try await pass(anyOrder: true, progress: progress)
        }
    }

    private func pass(anyOrder: Bool, progress: FileProgress?) async throws -> Outcome {
        var batches = try SeriesBatches(
            path: input, frequency: engine.configuration.frequency, anyOrder: anyOrder, isWhole: false, known: known,
            progress: progress)
        var batch = try batches.next()
        guard batch != nil else { return Outcome(models: [], tally: batches.tally) }
        let writer = try output.map { try BacktestPointWriter(path: $0) }
        var reportFile = try report.map { try ReportFile(path: $0, list: "backtests") }
        var accuracies: [BacktestAccuracy] = []
        while let series = batch {
            let results = try await engine.backtest(
                series.map(\.series), models: models, stride: stride, progress: batches.step())
            for result in results.joined() {
                let place = accuracies.firstIndex { $0.model == result.model } ?? accuracies.count
                if place == accuracies.count { accuracies.append(BacktestAccuracy(model: result.model)) }
                accuracies[place].add(result)
                try writer?.add(result)
                try reportFile?.add(ReportedBacktest(result))
            }
            batch = try batches.next()
        }
        accuracies.sort { ($0.wape ?? .infinity, $0.model) < ($1.wape ?? .infinity, $1.model) }
        try writer?.finish()
        try reportFile?.finish(batches.tally)
        return Outcome(models: accuracies, tally: batches.tally)
    }
}
