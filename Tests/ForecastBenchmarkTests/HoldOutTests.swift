import ForecastBenchmark
import Forecasting
import Testing
import TimeSeries

/// Scores of forecasts of what was held back.
@Suite struct HoldOutTests {
    private func series(_ values: [Double]) -> DemandSeries {
        DemandSeries(
            key: SeriesKey(item: "a"), start: Bucket(frequency: .monthly, ordinal: 24_000), values: values)
    }

    @Test func scoresAreThoseWorkedOutByHand() throws {
        // Known: 1, 3, 2, 6 with a season of 2: seasonal differences 1 and 3, so the scale is 2.
        let held = HoldOut([series([1, 3, 2, 6, 4, 10])], season: 2, horizon: 2)
        #expect(held.known[0].values == [1, 3, 2, 6])
        let scores = held.scores(means: [[5, 6]], quantiles: [[0, 1, 4, 9, 0, 7, 9, 12]])
        // Errors 1 and 4: their mean 2.5 over 2; their sMAPE is half of 200·1/9 + 200·4/16; 5 of 14; 1 − 4 of 14.
        #expect(scores.mase == 1.25)
        let symmetric = try #require(scores.smape)
        #expect(abs(symmetric - 36.111_111_111_111) < 1e-9)
        #expect(scores.wape == 5.0 / 14)
        #expect(scores.bias == -3.0 / 14)
        // 4 is inside [1, 4] and [0, 9]; 10 is outside [7, 9] and inside [0, 12].
        #expect(scores.coverage80 == 0.5)
        #expect(scores.coverage95 == 1)
    }

    @Test func whatWasNotObservedIsNotScored() {
        let held = HoldOut([series([1, 2, 3, .nan, 5])], season: 1, horizon: 2)
        let scores = held.scores(means: [[100, 5]], quantiles: nil)
        #expect(scores.mase == 0)
        #expect(scores.wape == 0)
        #expect(scores.coverage80 == nil)
    }

    @Test func seriesWithoutAPastOrWithoutAChangeAreLeftOut() {
        let held = HoldOut([series([1, 2]), series([4, 4, 4, 9, 4])], season: 1, horizon: 2)
        #expect(held.known.count == 1)
        let scores = held.scores(means: [[4, 4]], quantiles: nil)
        #expect(scores.mase == nil)
        #expect(scores.wape == 5.0 / 13)
    }

    @Test(arguments: GeneratedDemand.allCases) func generatedSeriesAreTheSameEachTime(kind: GeneratedDemand) {
        let series = kind.series(20, steps: 6)
        #expect(series.map(\.values) == kind.series(30, steps: 6).prefix(20).map(\.values))
        #expect(series.allSatisfy { $0.values.allSatisfy { $0.isFinite && $0 >= 0 } })
        #expect(Set(series.map { $0.values[0...].description }).count == 20)
    }

    @Test func generatedPartsAreMostlyZeros() {
        let values = GeneratedDemand.intermittent.series(200, steps: 6).flatMap(\.values)
        let zeros = Double(values.count { $0 == 0 }) / Double(values.count)
        #expect(zeros > 0.5 && zeros < 0.9)
    }

    @Test func aMeasurementCountsAndScores() async throws {
        let held = HoldOut(GeneratedDemand.monthly.series(12, steps: 6), season: 12, horizon: 6)
        let naive = try await ModelMeasurement.measure(
            .seasonalNaive, on: held, horizon: 6, origins: 4, times: 1, threads: 1)
        #expect(naive.series == 12)
        #expect(naive.observations == held.known.reduce(0) { $0 + $1.values.count })
        #expect(naive.chosen.reduce(0) { $0 + $1.count } == 12)
        #expect(naive.processorSeconds > 0 && naive.seconds > 0)
        // The seasonal naive's error is about the error that it is scaled by.
        let mase = try #require(naive.scores.mase)
        #expect(mase > 0.4 && mase < 3)
    }

    @Test func theKernelIsMeasuredForEachForm() throws {
        for form in KernelMeasurement.forms {
            let kernel = try #require(KernelMeasurement.measure(form))
            #expect(kernel.nanoseconds > 0 && kernel.nanoseconds.isFinite)
            #expect(kernel.cycles > 0)
        }
    }
}
