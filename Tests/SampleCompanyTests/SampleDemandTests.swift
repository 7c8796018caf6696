import HolidayCalendars
import SampleCompany
import Testing
import TimeSeries

@Suite struct SampleDemandTests {
    private let sample = WrittenSample.shared
    private let last = WrittenSample.lastDay.daysSinceEpoch
    private var first: Int { last - 1095 }

    @Test func aboutTwoHundredSeriesFromFirstDayToLast() {
        #expect((190...215).contains(sample.stock.count))
        #expect(Set(sample.demand.keys) == Set(sample.stock.keys))
        #expect(sample.orders.map(\.orderedOn).min() == first)
        #expect(sample.orders.map(\.orderedOn).max() == last)
        #expect(sample.stock.values.compactMap { $0.keys.max() }.max() == last)
    }

    /// After Syntetos, Boylan and Croston (2005), on whole weeks from the first with demand to the last.
    @Test func everyClassOfDemandOccurs() {
        var classes: [String: Int] = [:]
        for days in sample.demand.values {
            guard let start = days.keys.min(), let end = days.keys.max().map({ min($0, last) }) else { continue }
            let weeks = stride(from: start, through: end - 6, by: 7).map { week in
                Double((week..<(week + 7)).reduce(0) { $0 + (days[$1] ?? 0) })
            }
            let sizes = weeks.filter { $0 > 0 }
            let mean = sizes.reduce(0, +) / Double(sizes.count)
            let variance = sizes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sizes.count)
            let interval = Double(weeks.count) / Double(sizes.count)
            let isVaried = variance / (mean * mean) >= 0.49
            let name = interval < 1.32 ? (isVaried ? "erratic" : "smooth") : (isVaried ? "lumpy" : "intermittent")
            classes[name, default: 0] += 1
        }
        for name in ["smooth", "erratic", "intermittent", "lumpy"] {
            #expect(classes[name, default: 0] >= 5, "\(name)")
        }
    }

    @Test func nothingIsOrderedFromAnEmptyShelf() {
        var counts = 0
        var empty = 0
        var longest = 0
        for days in sample.stock.values {
            var run = 0
            for day in days.keys.sorted() {
                counts += 1
                run = days[day] == 0 ? run + 1 : 0
                empty += run > 0 ? 1 : 0
                longest = max(longest, run)
            }
        }
        #expect((0.003...0.05).contains(Double(empty) / Double(counts)))
        #expect(longest >= 5)
        let ordinary = sample.orders.filter { $0.isOrdinary && sample.stock[$0.series]?[$0.wantedOn] == 0 }
        #expect(ordinary.map(\.key) == [])
        let lost = sample.orders.filter { $0.reason == "stock-out" }
        #expect(lost.count > 100)
        #expect(lost.allSatisfy { sample.stock[$0.series]?[$0.wantedOn] == 0 })
    }

    @Test(arguments: ["설날", "추석"])
    func demandBuildsBeforeTheFeastAndCollapsesInIt(feast: String) {
        let days = ShippedCalendar.korea.days.filter { $0.name == feast }.map(\.date.daysSinceEpoch)
            .filter { $0 > first + 60 && $0 < last - 30 }
        #expect(days.count >= 2)
        for day in days {
            let usual = sample.mean(over: (day - 56)..<(day - 28))
            #expect(sample.mean(over: (day - 1)...(day + 1)) < 0.15 * usual)
            #expect(sample.mean(over: (day - 3)..<(day + 4)) < 0.7 * usual)
            let gifts = { (item: String) in item.hasPrefix("A4") }
            #expect(
                sample.mean(over: (day - 14)..<(day - 7), where: gifts)
                    > 2 * sample.mean(over: (day - 56)..<(day - 28), where: gifts))
            #expect(sample.mean(over: (day - 14)..<(day - 7)) > 1.05 * usual)
        }
    }

    @Test func officesRestAtTheWeekend() {
        let office = { (item: String) in item.hasPrefix("B3") }
        let days = (first...last).map { CivilDate(daysSinceEpoch: $0) }
        func mean(_ weekday: Int) -> Double {
            sample.mean(over: days.filter { $0.weekday == weekday }.map(\.daysSinceEpoch), where: office)
        }
        #expect(mean(6) < 0.1 * mean(2))
        #expect(mean(0) > 1.1 * mean(4))
    }

    @Test func seasonsAndTrends() {
        func month(_ month: Int, of item: String) -> Double {
            sample.mean(
                over: (first...last).filter { CivilDate(daysSinceEpoch: $0).components.month == month },
                where: { $0 == item })
        }
        #expect(month(7, of: "A3002") > 8 * month(1, of: "A3002"))
        #expect(month(12, of: "B2001") > 8 * month(6, of: "B2001"))
        func growth(_ item: String) -> Double {
            sample.mean(over: (last - 364)...last, where: { $0 == item })
                / sample.mean(over: first..<(first + 365), where: { $0 == item })
        }
        #expect(growth("A1010") > 1.2)
        #expect(growth("B1006") < 0.8)
    }

    @Test func promotionsLiftDemandAndSomeLieAhead() throws {
        let promotions = sample.records["events", default: []].filter { $0["kind"] == "promotion" }
        var promoted = 0.0
        var before = 0.0
        var ahead = 0
        for promotion in promotions {
            let start = try #require(CivilDate(promotion["starts_on", default: ""])).daysSinceEpoch
            let end = try #require(CivilDate(promotion["ends_on", default: ""])).daysSinceEpoch
            let known = try #require(CivilDate(promotion["known_from", default: ""])).daysSinceEpoch
            #expect(known < start && start <= end && known <= last)
            if start > last { ahead += 1 }
            guard promotion["site_id"] == "", start - 14 >= first, end <= last else { continue }
            let item = promotion["item_id"]
            promoted += sample.mean(over: start..<(start + 7), where: { $0 == item })
            before += sample.mean(over: (start - 14)..<start, where: { $0 == item })
        }
        #expect(promoted > 1.4 * before)
        #expect(ahead >= 3)
    }

    @Test func itemsComeAndGo() throws {
        var new = 0
        var gone = 0
        for item in sample.records["items", default: []] {
            let series = sample.demand.filter { $0.key.item == item["item_id"] }.values
            if let introduced = CivilDate(item["introduced_on", default: ""]) {
                new += 1
                #expect(try #require(series.compactMap { $0.keys.min() }.min()) >= introduced.daysSinceEpoch)
            }
            if let discontinued = CivilDate(item["discontinued_on", default: ""]) {
                gone += discontinued.daysSinceEpoch <= last ? 1 : 0
                #expect(try #require(series.compactMap { $0.keys.max() }.max()) <= discontinued.daysSinceEpoch)
            }
        }
        #expect(new >= 3)
        #expect(gone >= 1)
    }

    @Test func aFewOrdersAreFarLargerThanUsual() {
        var large = 0
        for (series, lines) in Dictionary(grouping: sample.orders.filter(\.isOrdinary), by: \.series)
        where !series.item.hasPrefix("C3") && !series.item.hasPrefix("C4") && !series.item.hasPrefix("A4") {
            let mean = Double(lines.reduce(0) { $0 + $1.quantity }) / Double(lines.count)
            large += lines.count { Double($0.quantity) > 15 * mean }
        }
        #expect((3...60).contains(large))
    }
}
