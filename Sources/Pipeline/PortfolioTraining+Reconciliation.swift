internal import Forecasting
internal import Synchronization
internal import TimeSeries

extension PortfolioTraining {
    /// Hands on the series that wait, reconciled with their totals.
    func reconcile(
        _ waiting: WaitingWriter, by method: ReconciliationMethod, tally: TrainingTally.Box, threads: Int?
    ) async throws {
        guard let series = waiting.series else {
            tally.update { $0.notes.append("Totals are the sums of their series, which are too many to reconcile.") }
            return
        }
        try await waiting.handOn(try await reconciled(series, by: method, tally: tally, threads: threads))
    }

    /// Moves the forecasts of series until they agree with those of their totals, forecast for themselves.
    ///
    /// Where the backtest says that this would not have helped, or there is too little to tell, they stay as they are. Either is
    /// noted, and the totals are added up anew.
    private func reconciled(
        _ series: [TrainedSeries], by method: ReconciliationMethod, tally: TrainingTally.Box, threads: Int?
    ) async throws -> [TrainedSeries] {
        let demands = tally.value.totals.demands
        let forecasts = try await ForecastEngine(configuration: configuration.on(threads)).forecast(
            demands.map(\.demand))
        let places = Dictionary(uniqueKeysWithValues: demands.indices.map { (demands[$0].key, $0) })
        let reconciliation = Reconciliation(
            horizon: configuration.horizon, totals: Array(zip(demands.map(\.demand), forecasts)),
            parts: series.map { one in
                let keys = TotalKey.all(of: one.forecast.key, category: one.built.category)
                return (one.built.series, one.forecast, keys.compactMap { places[$0] })
            })
        if reconciliation.isEmpty { return series }
        let nonNegative = configuration.nonNegative
        guard let trial = reconciliation.trial(method, nonNegative: nonNegative) else {
            tally.update {
                $0.notes.append(
                    "Totals are the sums of their series: too few of them have a backtest to reconcile by (\(method.rawValue))."
                )
            }
            return series
        }
        let change = PortfolioTraining.change(trial)
        guard trial.helps else {
            tally.update {
                $0.notes.append(
                    "Totals are the sums of their series: reconciled (\(method.rawValue)), in the backtest \(change).")
            }
            return series
        }
        let adjustments = reconciliation.adjustments(method, nonNegative: nonNegative)
        var (result, totals) = (series, Totals())
        for place in result.indices {
            result[place].forecast = series[place].forecast.reconciled(by: adjustments[place])
            totals.add(result[place], configuration: configuration)
        }
        tally.update {
            $0.totals = totals
            $0.notes.append("Series and totals are reconciled (\(method.rawValue)): in the backtest \(change).")
        }
        return result
    }

    /// What reconciliation changes, for people.
    private static func change(_ trial: Reconciliation.Trial) -> String {
        func share(_ before: Double, _ after: Double) -> String {
            let tenths = before > 0 ? (1000 * (after / before - 1)).rounded() : 0
            return "\(tenths > 0 ? "grows" : "falls") by \(Int(tenths.magnitude) / 10).\(Int(tenths.magnitude) % 10) %"
        }
        return "the error of totals \(share(trial.totalsBefore, trial.totalsAfter)), "
            + "that of series \(share(trial.seriesBefore, trial.seriesAfter))"
    }
}

/// Holds series back until all of a portfolio are there, since what each is moved by depends on all.
final class WaitingWriter: VersionWriter {
    private let writer: any VersionWriter
    private let limit: Int
    /// Those that wait; `nil` once there were too many.
    private let waiting = Mutex<[TrainedSeries]?>([])

    /// Rows handed on at once.
    private static let batch = 2048

    /// One in front of another, which is handed all that comes as it comes where it is more than `limit`.
    init(_ writer: any VersionWriter, limit: Int) {
        self.writer = writer
        self.limit = limit
    }

    var champion: EarlierVersion? { writer.champion }

    func incumbents(of keys: [SeriesKey], in version: Int64) async throws -> [Incumbent?] {
        try await writer.incumbents(of: keys, in: version)
    }

    func add(_ series: [TrainedSeries]) async throws {
        let tooMany: [TrainedSeries] = waiting.withLock { waiting in
            guard let before = waiting else { return series }
            let all = before + series
            waiting = all.count > limit ? nil : all
            return all.count > limit ? all : []
        }
        try await handOn(tooMany)
    }

    /// What was handed over, in that order; `nil` where it was too much to wait, and was handed on.
    var series: [TrainedSeries]? { waiting.withLock { $0 } }

    /// Hands on what has become of those that waited.
    func handOn(_ series: [TrainedSeries]) async throws {
        var rest = series[...]
        while !rest.isEmpty {
            try await writer.add(Array(rest.prefix(WaitingWriter.batch)))
            rest = rest.dropFirst(WaitingWriter.batch)
        }
    }
}
