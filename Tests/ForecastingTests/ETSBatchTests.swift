#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import Forecasting
import Testing
import TimeSeries

/// The eight-lane fit against the scalar recursion, and against itself in other company.
@Suite struct ETSBatchTests {
    static let forms = ["A", "M"].flatMap { error in
        ["N", "A", "Ad"].flatMap { trend in ["N", "A", "M"].map { error + trend + $0 } }
    }

    /// The objective the lanes end at is the likelihood `ETSFilter` finds at the same parameters; only the order of
    /// rounding differs, so that 1e-8 of the value is ample.
    @Test(arguments: forms, [0.0, 0.15]) func likelihoodIsThatOfTheScalarRecursion(notation: String, gaps: Double)
        throws
    {
        let form = try #require(ETSForm(notation: notation))
        let requests = ETSBatchTests.requests(form, gaps: gaps, effort: .brisk)
        for (request, fit) in zip(requests, ETSBatch.fit(requests)) {
            let fit = try #require(fit)
            var state = fit.initialState
            var errors = [Double](repeating: 0, count: request.count)
            let sums = try #require(
                ETSFilter.run(
                    form, fit.smoothing, season: form.season == .none ? 1 : 4, state: &state, values: request.values,
                    range: 0..<request.count, errors: &errors))
            #expect(sums.observed == fit.observed)
            let number = Double(sums.observed)
            let likelihood: Double = -0.5 * (number * log(sums.squares) + 2 * sums.logarithms)
            #expect(abs(likelihood - fit.logLikelihood) <= 1e-8 * max(1, abs(likelihood)))
        }
    }

    /// Parameters keep to the usual region: 0 < β < α < 1, 0 < γ < 1 − α, 0.8 ≤ φ ≤ 0.98.
    @Test(arguments: forms, [ETSFit.Effort.brisk, .thorough])
    func parametersAreAdmissible(notation: String, effort: ETSFit.Effort) throws {
        let form = try #require(ETSForm(notation: notation))
        for fit in ETSBatch.fit(ETSBatchTests.requests(form, gaps: 0.1, effort: effort)) {
            let smoothing = try #require(fit).smoothing
            #expect(smoothing.alpha > 0 && smoothing.alpha < 1)
            #expect(form.trend == .none ? smoothing.beta == 0 : smoothing.beta > 0 && smoothing.beta < smoothing.alpha)
            #expect(
                form.season == .none
                    ? smoothing.gamma == 0 : smoothing.gamma > 0 && smoothing.gamma < 1 - smoothing.alpha)
            #expect(form.trend == .damped ? (0.8...0.98).contains(smoothing.phi) : smoothing.phi == 1)
        }
    }

    /// To the last bit, whatever else is in the batch.
    @Test(arguments: forms) func lanesKeepToThemselves(notation: String) throws {
        let form = try #require(ETSForm(notation: notation))
        let requests = ETSBatchTests.requests(form, gaps: 0.1, effort: .brisk)
        let together = ETSBatch.fit(requests)
        for (request, fit) in zip(requests, together) { #expect(ETSBatch.fit([request])[0] == fit) }
        #expect(ETSBatch.fit(requests.reversed()) == together.reversed())
    }

    /// A better start never ends worse: the thorough search contains the brisk one's region.
    @Test(arguments: forms) func thoroughIsAtLeastAsLikely(notation: String) throws {
        let form = try #require(ETSForm(notation: notation))
        let brisk = ETSBatch.fit(ETSBatchTests.requests(form, gaps: 0, effort: .brisk))
        let thorough = ETSBatch.fit(ETSBatchTests.requests(form, gaps: 0, effort: .thorough))
        for (quick, careful) in zip(brisk, thorough) {
            #expect(try #require(careful).logLikelihood >= (try #require(quick).logLikelihood) - 1e-3)
        }
    }

    @Test(arguments: [ModelChoice.holtWinters, .ets, .etsForm("MAdM"), .auto])
    func fitsDependNeitherOnThreadsNorOnCompany(model: ModelChoice) async throws {
        let start = Bucket(frequency: .quarterly, containing: CivilDate(year: 2010, month: 1, day: 1))
        let series = ETSBatchTests.requests(ETSForm(.additive, .additive, .additive), gaps: 0.05, effort: .brisk)
            .enumerated().map { index, request in
                DemandSeries(
                    key: SeriesKey(item: "item \(index)"), start: start,
                    values: Array(request.values[0..<request.count]))
            }
        var reference: [SeriesForecast]?
        for threads in [1, 2, 5] {
            let engine = try ForecastEngine(
                configuration: ForecastConfiguration(
                    frequency: .quarterly, horizon: 6, model: model, threads: threads))
            let forecasts = try await engine.forecast(series)
            if let reference { #expect(forecasts == reference) }
            reference = forecasts
            // Shares and quantiles are pooled over the batch; what one model is fitted to is not.
            guard model != .auto else { continue }
            #expect(try await engine.forecast(series.reversed()).map(\.mean) == forecasts.map(\.mean).reversed())
            let alone = try engine.forecast(one: series[3])
            #expect(alone.mean == forecasts[3].mean)
            #expect(alone.parameters == forecasts[3].parameters)
        }
    }

    /// Nineteen quarterly series of 9 to 63 positive values with trend and season.
    private static func requests(_ form: ETSForm, gaps: Double, effort: ETSFit.Effort) -> [ETSBatch.Request] {
        var generator = SplitMix(seed: 7)
        return (0..<19).map { index in
            let count = 9 + 3 * index
            let values = (0..<(count + 2)).map { time in
                let draw = generator.uniform()
                let season = [1.1, 0.8, 1.0, 1.2][time % 4]
                let value = (1 + 0.01 * Double(time)) * season * (0.4 + 0.02 * generator.normal())
                return time > 1 && draw < gaps ? .nan : value
            }
            return ETSBatch.Request(values: values, count: count, form: form, season: 4, effort: effort)
        }
    }
}
