import Pipeline
import Testing
import TimeSeries

@Suite struct SeriesBuilderTests {
    private func day(_ text: String) -> CivilDate { CivilDate(text)! }

    private func history(
        _ demand: [(day: String, quantity: Double)], introduced: String? = nil, opened: String? = nil,
        discontinued: String? = nil, stock: [(day: String, onHand: Double)] = []
    ) -> DemandHistory {
        DemandHistory(
            key: SeriesKey(item: "A", site: "ICN"), instants: demand.map { day($0.day).daysSinceEpoch },
            quantities: demand.map(\.quantity), introduced: introduced.map(day), opened: opened.map(day),
            discontinued: discontinued.map(day), stockDays: stock.map { day($0.day).daysSinceEpoch },
            stock: stock.map(\.onHand))
    }

    private func build(
        _ history: DemandHistory, _ frequency: Frequency = .daily, through: String, limit: Int? = nil
    ) -> BuiltSeries? {
        SeriesBuilder(frequency: frequency, dataThrough: day(through), historyLimit: limit).build(history)
    }

    // MARK: Where a series begins and ends

    @Test func zerosRunFromTheFirstDemandToTheCutOffAndNotToTheLastSale() throws {
        let built = try #require(build(history([("2026-03-02", 4), ("2026-03-04", 1)]), through: "2026-03-07"))
        #expect(built.series.start.description == "2026-03-02")
        #expect(built.series.values == [4, 0, 1, 0, 0, 0])
        #expect(built.raw == built.series.values)
        #expect(built.reasonLetters == "......")
    }

    @Test func zerosRunFromTheIntroductionWhereThatIsEarlier() throws {
        let demand = history([("2026-03-04", 1)], introduced: "2026-03-02", opened: "2020-01-01")
        let built = try #require(build(demand, through: "2026-03-05"))
        #expect(built.series.start.description == "2026-03-02")
        #expect(built.series.values == [0, 0, 1, 0])
    }

    @Test func demandBeforeTheIntroductionIsDemandAllTheSame() throws {
        let built = try #require(
            build(history([("2026-03-01", 9), ("2026-03-04", 1)], introduced: "2026-03-03"), through: "2026-03-04"))
        #expect(built.series.values == [9, 0, 0, 1])
    }

    @Test func anIntroductionLongBeforeTheFirstOrderAtTheSiteIsNoYearsOfZeros() throws {
        let demand = history([("2026-03-04", 1)], introduced: "2015-01-01", opened: "2026-03-02")
        let built = try #require(build(demand, through: "2026-03-04"))
        #expect(built.series.start.description == "2026-03-02")
        #expect(built.series.values == [0, 0, 1])
    }

    @Test func anIntroducedItemWithoutDemandIsASeriesOfZeros() throws {
        let built = try #require(build(history([], introduced: "2026-03-03"), through: "2026-03-05"))
        #expect(built.series.values == [0, 0, 0])
    }

    @Test func thereIsNoSeriesWithoutDemandUpToTheCutOff() {
        #expect(build(history([]), through: "2026-03-05") == nil)
        #expect(build(history([("2026-03-06", 1)]), through: "2026-03-05") == nil)
        #expect(build(history([], introduced: "2026-03-06"), through: "2026-03-05") == nil)
    }

    @Test func demandAfterTheCutOffIsNoHistory() throws {
        let built = try #require(build(history([("2026-03-04", 1), ("2026-03-06", 8)]), through: "2026-03-05"))
        #expect(built.raw == [1, 0])
    }

    @Test(arguments: [("2026-03-04", false), ("2026-03-05", false), ("2026-03-06", true)])
    func whatCouldLastBeOrderedByTheCutOffIsNotForecast(lastDay: String, isForecast: Bool) {
        let demand = history([("2026-03-02", 1)], discontinued: lastDay)
        #expect((build(demand, through: "2026-03-05") != nil) == isForecast)
    }

    @Test func oneBucketIsASeries() throws {
        let built = try #require(build(history([("2026-03-05", 2)]), through: "2026-03-05"))
        #expect(built.series.values == [2])
        #expect(built.series.origin == built.series.start)
    }

    @Test func theHistoryLimitKeepsTheLatestBuckets() throws {
        let demand = history([("2026-03-01", 1), ("2026-03-04", 4), ("2026-03-05", 5)])
        let built = try #require(build(demand, through: "2026-03-05", limit: 2))
        #expect(built.series.start.description == "2026-03-04")
        #expect(built.series.values == [4, 5])
        #expect(build(demand, through: "2026-03-05", limit: 100)?.series.values.count == 5)
        let later = try #require(build(demand, through: "2026-03-20", limit: 3))
        #expect(later.series.values == [0, 0, 0])
    }

    // MARK: Buckets

    @Test(arguments: [("2026-03-15", "2026-03-09"), ("2026-03-14", "2026-03-02"), ("2026-03-09", "2026-03-02")])
    func aPartialLastWeekIsNoObservation(through: String, lastWeek: String) throws {
        // 2026-03-02 is a Monday, 2026-03-15 a Sunday.
        let demand = history([("2026-03-02", 1), ("2026-03-08", 2), ("2026-03-09", 40)])
        let built = try #require(build(demand, .weekly, through: through))
        #expect(built.series.origin.description == lastWeek)
        #expect(built.raw == (lastWeek == "2026-03-09" ? [3, 40] : [3]))
    }

    @Test(arguments: [("2028-02-29", 2), ("2028-02-28", 1), ("2028-03-30", 2), ("2028-03-31", 3)])
    func aPartialLastMonthIsNoObservation(through: String, months: Int) throws {
        let demand = history([("2028-01-31", 1), ("2028-02-01", 2), ("2028-02-28", 3), ("2028-03-01", 4)])
        let built = try #require(build(demand, .monthly, through: through))
        #expect(built.series.start.description == "2028-01-01")
        #expect(built.raw == Array([1, 5, 4].prefix(months)))
    }

    @Test(arguments: [(Frequency.quarterly, "2026-03-31", "2026-03-30"), (.yearly, "2026-12-31", "2026-12-30")])
    func quartersAndYearsEndOnTheirLastDay(frequency: Frequency, whole: String, partial: String) throws {
        let demand = history([("2024-05-05", 1)])
        let full = try #require(build(demand, frequency, through: whole))
        let cut = try #require(build(demand, frequency, through: partial))
        #expect(full.raw.count == cut.raw.count + 1)
        #expect(full.series.origin.firstDay <= day(whole))
    }

    @Test func hoursRunToTheLastHourOfTheLastDay() throws {
        let noon = day("2026-03-04").daysSinceEpoch * 24 + 12
        let demand = DemandHistory(
            key: SeriesKey(item: "A"), instants: [noon, noon + 3], quantities: [5, 2],
            stockDays: [day("2026-03-04").daysSinceEpoch], stock: [0])
        let built = try #require(build(demand, .hourly, through: "2026-03-05"))
        #expect(built.series.start.description == "2026-03-04 12:00:00")
        #expect(built.series.origin.description == "2026-03-05 23:00:00")
        #expect(built.raw.count == 36)
        #expect(Array(built.raw.prefix(5)) == [5, 0, 0, 2, 0])
        // A daily count says nothing of single hours.
        #expect(!built.reasonLetters.contains("S"))
    }

    @Test func demandOfOneDayTwiceIsAdded() throws {
        let built = try #require(build(history([("2026-03-04", 1), ("2026-03-04", 2)]), through: "2026-03-04"))
        #expect(built.raw == [3])
    }

    @Test func whatIsOverdueFromASiteIsUnknown() throws {
        let demand = history([("2026-03-02", 4), ("2026-03-04", 1)])
        func build(_ frequency: Frequency, late: [String: CivilDate]) throws -> BuiltSeries {
            let builder = SeriesBuilder(frequency: frequency, dataThrough: day("2026-03-15"), lateSites: late)
            return try #require(builder.build(demand))
        }
        let late = try build(.daily, late: ["ICN": day("2026-03-12")])
        #expect(late.reasonLetters == "...........III")
        #expect(late.series.values.suffix(3).allSatisfy { $0.isNaN })
        // A week of which the end is overdue is not known.
        #expect(try build(.weekly, late: ["ICN": day("2026-03-12")]).reasonLetters == ".I")
        #expect(try build(.weekly, late: ["ICN": day("2026-03-15")]).reasonLetters == "..")
        #expect(try build(.daily, late: ["PUS": day("2026-03-02")]).reasonLetters == "..............")
    }

    // MARK: Stock

    @Test func aDayWithoutStockAndWithoutOrdersIsMissingWithItsReason() throws {
        let demand = history(
            [("2026-03-02", 4), ("2026-03-05", 1)], stock: [("2026-03-03", 0), ("2026-03-04", 2), ("2026-03-05", 9)])
        let built = try #require(build(demand, through: "2026-03-05"))
        #expect(built.raw == [4, 0, 0, 1])
        #expect(built.series.values[1].isNaN)
        #expect(built.series.values[2] == 0)
        #expect(built.reasonLetters == ".S..")
        #expect(built.adjustments[1] == .outOfStock)
    }

    @Test func whatIsOrderedDuringAStockOutStays() throws {
        let demand = history([("2026-03-02", 4), ("2026-03-03", 7)], stock: [("2026-03-03", 0)])
        let built = try #require(build(demand, through: "2026-03-03"))
        #expect(built.series.values == [4, 7])
        #expect(built.reasonLetters == "..")
    }

    @Test func negativeStockIsNone() throws {
        let built = try #require(
            build(history([("2026-03-02", 4)], stock: [("2026-03-03", -3)]), through: "2026-03-03"))
        #expect(built.reasonLetters == ".S")
    }

    @Test func aWeekIsMissingWhereTheItemWasOutOnMostOfTheDaysCounted() throws {
        func week(_ out: Int, of counted: Int, ordered: Double) throws -> BuiltSeries {
            let monday = day("2026-03-09").daysSinceEpoch
            let demand = DemandHistory(
                key: SeriesKey(item: "A"), instants: [monday - 7, monday], quantities: [9, ordered],
                stockDays: Array(monday..<(monday + counted)), stock: (0..<counted).map { $0 < out ? 0 : 5 })
            return try #require(build(demand, .weekly, through: "2026-03-15"))
        }
        #expect(try week(4, of: 7, ordered: 2).reasonLetters == ".S")
        // Out on three days of seven: two were ordered on the others, so that the week would have made three and a half.
        #expect(try week(3, of: 7, ordered: 2).reasonLetters == ".P")
        #expect(try week(3, of: 7, ordered: 2).series.values == [9, 4])
        #expect(try week(2, of: 4, ordered: 2.5).series.values == [9, 5])
        #expect(try week(3, of: 7, ordered: 0).reasonLetters == "..")
        // Three counts a week do not tell for how long it was out.
        #expect(try week(1, of: 3, ordered: 2).reasonLetters == "..")
        // Out all week and ordered all the same: then stock does not stop orders.
        #expect(try week(7, of: 7, ordered: 2).reasonLetters == "..")
        #expect(try week(7, of: 7, ordered: 0).reasonLetters == ".S")
    }

    @Test func whatWasMissedInAPartOfADayIsMadeUpFor() throws {
        let first = Double(day("2026-03-02").daysSinceEpoch)
        var demand = history([("2026-03-02", 6), ("2026-03-03", 6), ("2026-03-04", 6), ("2026-03-06", 1)])
        // Out from noon of the first day to six in the evening, in the night after it, and for most of the third.
        demand.outages = [first + 0.5..<first + 0.75, first + 1.75..<first + 2, first + 2.1..<first + 2.9]
        let built = try #require(build(demand, through: "2026-03-06"))
        #expect(built.reasonLetters == "PPS..")
        #expect(Array(built.series.values.prefix(2)) == [8, 8])
        #expect(built.series.values[2].isNaN)
        #expect(built.raw == [6, 6, 6, 0, 1])
        // Where orders come in on a day on which there is nothing at all, nothing is missed.
        demand.outages.append(first + 4..<first + 5)
        #expect(build(demand, through: "2026-03-06")?.series.values.prefix(2) == [6, 6])
    }

    @Test func countsOutsideTheSeriesChangeNothing() throws {
        let demand = history([("2026-03-02", 4)], stock: [("2026-02-27", 0), ("2026-03-06", 0)])
        #expect(build(demand, through: "2026-03-03")?.reasonLetters == "..")
    }

    // MARK: Content hash

    @Test func theContentHashDiffersExactlyWhereTheTrainingDataDoes() throws {
        let one = history([("2026-03-02", 4), ("2026-03-04", 1)])
        func hash(_ history: DemandHistory, _ frequency: Frequency = .daily, limit: Int? = nil) throws -> String {
            try #require(build(history, frequency, through: "2026-03-31", limit: limit)).contentHash
        }
        let reference = try hash(one)
        #expect(reference.count == 64)
        #expect(try hash(one) == reference)
        #expect(try hash(one, limit: 1000) == reference)
        // Another way to the same values.
        var same = one
        same.introduced = day("2026-03-02")
        #expect(try hash(same) == reference)
        #expect(try hash(history([("2026-03-02", 3), ("2026-03-02", 1), ("2026-03-04", 1)])) == reference)

        var others: [String] = [reference]
        func differs(_ change: (inout DemandHistory) -> Void) throws {
            var other = one
            change(&other)
            others.append(try hash(other))
        }
        try differs { $0.quantities[0] = 4.000000000000001 }
        try differs { $0.instants[1] += 1 }
        try differs { $0.introduced = CivilDate("2026-03-01") }
        try differs { $0.key.item = "B" }
        try differs { $0.key.site = nil }
        try differs { $0.key.site = "" }
        try differs { $0.key.customer = "K" }
        try differs { $0.key = SeriesKey(item: "AI", site: "CN") }
        try differs {
            $0.stockDays = [$0.instants[0] + 1]
            $0.stock = [0]
        }
        others.append(try hash(one, limit: 5))
        others.append(try hash(one, .monthly))
        #expect(Set(others).count == others.count)
    }
}
