import Forecasting
import Testing
import TimeSeries

/// New items forecast by items like them, on families generated with a season, a start and levels of their own.
@Suite struct ColdStartTests {
    private static let season = 12
    /// Monthly, four years.
    private static let length = 48

    /// A family: item number 0 is the new one, the others begin up to two years after the first of them.
    private struct Family {
        var series: [DemandSeries]
        /// What each item sells in an average bucket, once settled.
        var levels: [Double]
        /// The expected demand of item 0 per bucket.
        var expected: [Double]
    }

    private static func family(_ generator: inout SplitMix, items: Int) -> Family {
        let centre = 20 + 200 * generator.uniform()
        let height = generator.uniform() * 0.6
        let peak = Int(generator.uniform() * 12)
        var family = Family(series: [], levels: [], expected: [])
        for item in 0..<items {
            // Levels spread by a factor of about 1.6, noise of a quarter of the level.
            var level = centre
            let steps = Int(generator.normal() * 5)
            for _ in 0..<steps.magnitude { level *= steps > 0 ? 1.1 : 1 / 1.1 }
            let delay = item == 0 ? 0 : item == 1 ? 0 : Int(generator.uniform() * 24)
            let start = Bucket(frequency: .monthly, ordinal: 24_000 + delay)
            let means = (0..<(length - delay)).map { age in
                let phase = (delay + age + 12 - peak) % 12
                let seasonal = 1 + height * (phase < 3 || phase > 9 ? 1 : -5.0 / 7)
                return level * seasonal * (age < 4 ? 0.4 + 0.15 * Double(age) : 1)
            }
            let values = means.map { max($0 * (1 + 0.25 * generator.normal()), 0) }
            family.series.append(DemandSeries(key: SeriesKey(item: "item \(item)"), start: start, values: values))
            family.levels.append(level)
            if item == 0 { family.expected = means }
        }
        return family
    }

    private let engine = try? ForecastEngine(
        configuration: ForecastConfiguration(
            frequency: .monthly, season: 12, horizon: 12, quantileLevels: [0.025, 0.1, 0.5, 0.9, 0.975]))

    @Test(arguments: [0, 1, 3, 8]) func isCloserThanItsOwnHistoryAndHonest(known: Int) throws {
        let engine = try #require(engine)
        var generator = SplitMix(seed: 99)
        var borrowed = 0.0
        var own = 0.0
        var size = 0.0
        var within = (eighty: 0.0, ninetyFive: 0.0, points: 0.0)
        for _ in 0..<150 {
            let family = ColdStartTests.family(&generator, items: 8)
            let item = family.series[0]
            let past = DemandSeries(key: item.key, start: item.start, values: Array(item.values[0..<known]))
            let forecast = try engine.forecast(one: past, like: LikeHistories(Array(family.series.dropFirst())))
            #expect(forecast.model == "like-items")
            #expect(forecast.notes.count == 1)
            let alone = try engine.forecast(one: past)
            for step in 0..<12 {
                let actual = item.values[known + step]
                borrowed += (forecast.mean[step] - family.expected[known + step]).magnitude
                own += (alone.mean[step] - family.expected[known + step]).magnitude
                size += family.expected[known + step]
                let row = Array(forecast.quantiles[(step * 5)..<(step * 5 + 5)])
                #expect(row == row.sorted())
                if actual >= row[1] && actual <= row[3] { within.eighty += 1 }
                if actual >= row[0] && actual <= row[4] { within.ninetyFive += 1 }
                within.points += 1
                #expect(forecast.components.reduce(0) { $0 + $1.values[step] } == forecast.mean[step])
            }
        }
        #expect(borrowed < 0.8 * own)
        // Buckets of one item share its level, so that 150 items tell coverage to about 3 points.
        #expect((0.72...0.93).contains(within.eighty / within.points))
        #expect((0.90...1).contains(within.ninetyFive / within.points))
    }

    @Test func theLevelGoesFromTheirsToItsOwn() throws {
        let engine = try #require(engine)
        let start = Bucket(frequency: .monthly, ordinal: 24_000)
        var generator = SplitMix(seed: 3)
        let like = (0..<5).map { number in
            DemandSeries(
                key: SeriesKey(item: "like \(number)"), start: start,
                values: (0..<48).map { _ in 100 * (0.8 + 0.4 * generator.uniform()) })
        }
        var before = 0.0
        for known in 0..<12 {
            let new = DemandSeries(
                key: SeriesKey(item: "new"), start: start.advanced(by: 40),
                values: [Double](repeating: 300, count: known))
            let forecast = try engine.forecast(one: new, like: LikeHistories(like))
            let level = forecast.state[0]
            // With each observation the own level counts more, less what season and start are wrong by.
            if known == 0 { #expect((level - 100).magnitude < 5) } else { #expect(level > 0.98 * before) }
            #expect(level < 310)
            before = level
        }
        #expect(before > 250)
    }

    @Test func whatCannotBeBorrowedIsForecastAlone() async throws {
        let engine = try #require(engine)
        let start = Bucket(frequency: .monthly, ordinal: 24_000)
        let new = DemandSeries(key: SeriesKey(item: "new"), start: start, values: [3, 4])
        let none = DemandSeries(key: SeriesKey(item: "never sold"), start: start, values: [0, .nan, 0])
        #expect(try engine.forecast(one: new, like: LikeHistories([])).model == "naive")
        #expect(try engine.forecast(one: new, like: LikeHistories([none])).model == "naive")
        let long = DemandSeries(key: SeriesKey(item: "long"), start: start, values: (0..<30).map { Double($0) })
        let both = try await engine.forecast(
            [new, long], like: [new.key: LikeHistories([long]), long.key: LikeHistories([long])])
        #expect(both[0].model == "like-items")
        #expect(both[1] == (try engine.forecast(one: long)))
    }

    @Test func strangeLikeItemsDoNoHarm() throws {
        let engine = try #require(engine)
        let start = Bucket(frequency: .monthly, ordinal: 24_000)
        let strange: [[Double]] = [
            [], [.nan], [0, 0, 1e300], [1e-300], [Double](repeating: 1e308, count: 60), [.infinity, 1, -5],
            (0..<40).map { $0 == 20 ? 1e300 : 1e-300 }, [Double](repeating: 0, count: 50) + [1],
        ]
        for own in strange {
            for like in strange {
                for other in strange {
                    let forecast = try engine.forecast(
                        one: DemandSeries(key: SeriesKey(item: "new"), start: start, values: own),
                        like: LikeHistories(
                            [like, other].map {
                                DemandSeries(key: SeriesKey(item: "like"), start: start, values: $0)
                            }))
                    let numbers = forecast.mean + forecast.quantiles + forecast.state + forecast.parameters.values
                    #expect(numbers.allSatisfy { $0.isFinite }, "\(own) \(like) \(other)")
                    #expect((forecast.mean + forecast.quantiles).allSatisfy { $0 >= 0 })
                }
            }
        }
    }
}
