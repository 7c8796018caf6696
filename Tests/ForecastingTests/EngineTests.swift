import Forecasting
import Synchronization
import Testing
import TimeSeries

/// A batch as its caller sees it: progress, cancellation, order.
@Suite struct EngineTests {
    private func batch(_ count: Int) -> [DemandSeries] {
        var generator = SplitMix(seed: 7)
        let start = Bucket(frequency: .monthly, containing: CivilDate(year: 2015, month: 1, day: 1))
        return (0..<count).map { number in
            DemandSeries(
                key: SeriesKey(item: "item \(number)"), start: start,
                values: (0..<(24 + number % 50)).map { 50 + 10 * Double($0 % 12) + 20 * generator.uniform() })
        }
    }

    private let engine = try? ForecastEngine(
        configuration: ForecastConfiguration(frequency: .monthly, horizon: 6, threads: 2))

    @Test func progressGoesForwardToTheEnd() async throws {
        let engine = try #require(engine)
        let seen = Mutex<[Int]>([])
        let series = batch(700)
        let forecasts = try await engine.forecast(series) { done in seen.withLock { $0.append(done) } }
        #expect(forecasts.map(\.key) == series.map(\.key))
        let steps = seen.withLock { $0 }
        #expect(steps.count > 1)
        #expect(steps == steps.sorted())
        #expect(steps.last == 700)
    }

    @Test func aCancelledBatchEndsWithAnErrorBeforeItsEnd() async throws {
        let engine = try #require(engine)
        let series = batch(4000)
        let done = Mutex(0)
        let (first, continuation) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await engine.forecast(series) { count in
                done.withLock { $0 = count }
                continuation.yield()
            }
        }
        for await _ in first { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(done.withLock { $0 } < 4000)
    }

    @Test func aSeriesOfAnotherFrequencyIsRefusedBeforeAnyWork() async throws {
        let engine = try #require(engine)
        let daily = DemandSeries(
            key: SeriesKey(item: "daily"), start: Bucket(frequency: .daily, ordinal: 20_000), values: [1, 2, 3])
        await #expect(throws: ForecastError.self) { try await engine.forecast(batch(3) + [daily]) }
    }
}
