#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import Forecasting
internal import ProcessorSupport
internal import TimeSeries

/// Times the engine and scores it on the end of each series: what is known of the last `horizon` values is nothing.
///
/// Usage: `forecasting-benchmark monthly 12 18 holt-winters [times [levels]] < FILE.csv`, where the file has the columns
/// unique_id,ds,y, sorted by series and date. Prints series per second of processor time (one thread) beside MASE and
/// sMAPE, both averaged over series.
@main struct ForecastingBenchmark {
    static func main() async throws {
        if let complaint = ProcessorSupport.complaint { throw Failure(description: complaint) }
        let arguments = CommandLine.arguments
        guard arguments.count >= 5, let frequency = Frequency(rawValue: arguments[1]),
            let season = Int(arguments[2]), let horizon = Int(arguments[3]),
            let model = ModelChoice(name: arguments[4])
        else {
            throw Failure(
                description: "forecasting-benchmark FREQUENCY SEASON HORIZON MODEL [TIMES [levels]] < FILE.csv")
        }
        let all = read(frequency)
        let repetitions = arguments.count > 5 ? Int(arguments[5]) ?? 1 : 1
        let known = all.map {
            DemandSeries(key: $0.key, start: $0.start, values: Array($0.values.dropLast(horizon)))
        }
        let engine = try ForecastEngine(
            configuration: ForecastConfiguration(
                frequency: frequency, season: season, horizon: horizon,
                quantileLevels: arguments.contains("levels") ? ForecastConfiguration.standardLevels : [], model: model,
                threads: 1))
        var forecasts: [SeriesForecast] = []
        var best = Double.infinity
        for _ in 0..<repetitions {
            let start = processorSeconds()
            forecasts = try await engine.forecast(known)
            best = min(best, processorSeconds() - start)
        }
        var scaled = 0.0
        var symmetric = 0.0
        var names: [String: Int] = [:]
        for (forecast, whole) in zip(forecasts, all) {
            let (first, second) = score(forecast.mean, whole: whole.values, season: season)
            scaled += first
            symmetric += second
            names[forecast.model, default: 0] += 1
        }
        let number = Double(all.count)
        print(
            "\(model.name) series/s \(Int(number / best)) MASE \(rounded(scaled / number))",
            "sMAPE \(rounded(symmetric / number))",
            names.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" })
    }

    /// Mean absolute scaled error and symmetric mean absolute percentage error of one forecast.
    private static func score(_ mean: [Double], whole: [Double], season: Int) -> (Double, Double) {
        let known = whole.count - mean.count
        var scale = 0.0
        for time in season..<known { scale += abs(whole[time] - whole[time - season]) }
        scale /= Double(known - season)
        var error = 0.0
        var symmetric = 0.0
        for (step, value) in mean.enumerated() {
            let actual = whole[known + step]
            error += abs(actual - value)
            let size = abs(actual) + abs(value)
            symmetric += size > 0 ? 200 * abs(actual - value) / size : 0
        }
        let steps = Double(mean.count)
        return (scale > 0 ? error / steps / scale : 0, symmetric / steps)
    }

    private static func read(_ frequency: Frequency) -> [DemandSeries] {
        var result: [DemandSeries] = []
        while let line = readLine() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 3, let date = CivilDate(fields[1].prefix(10)) else { continue }
            if result.last?.key.item != String(fields[0]) {
                let start = Bucket(frequency: frequency, containing: date)
                result.append(DemandSeries(key: SeriesKey(item: String(fields[0])), start: start, values: []))
            }
            result[result.count - 1].values.append(Double(fields[2]) ?? .nan)
        }
        return result
    }

    private static func processorSeconds() -> Double {
        Double(clock()) / Double(CLOCKS_PER_SEC)
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}

/// Why nothing was measured.
struct Failure: Error, CustomStringConvertible {
    let description: String
}
