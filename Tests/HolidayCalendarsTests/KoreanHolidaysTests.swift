import HolidayCalendars
import Testing
import TimeSeries

@Suite struct KoreanHolidaysTests {
    private let byDate = Dictionary(grouping: ShippedCalendar.korea.days, by: \.date.description)

    @Test func eachDayOnceInAscendingOrder() {
        let dates = ShippedCalendar.korea.days.map(\.date)
        #expect(zip(dates, dates.dropFirst()).allSatisfy { $0 < $1 })
        #expect(Set(dates.map(\.components.year)) == Set(2015...2030))
    }

    @Test(arguments: [
        ("2015-08-14", "임시공휴일"), ("2015-09-29", "대체공휴일(추석)"), ("2016-02-10", "대체공휴일(설날)"),
        ("2017-10-03", "추석 연휴·개천절"), ("2017-10-06", "대체공휴일(추석)"), ("2018-05-07", "대체공휴일(어린이날)"),
        ("2018-09-26", "대체공휴일(추석)"), ("2020-08-17", "임시공휴일"), ("2021-08-16", "대체공휴일(광복절)"),
        ("2022-03-09", "대통령 선거일"), ("2022-09-12", "대체공휴일(추석)"), ("2023-01-24", "대체공휴일(설날)"),
        ("2023-05-29", "대체공휴일(부처님오신날)"), ("2023-10-02", "임시공휴일"), ("2024-04-10", "국회의원 선거일"),
        ("2024-10-01", "임시공휴일(국군의 날)"), ("2025-01-27", "임시공휴일"), ("2025-06-03", "대통령 선거일"),
        ("2025-10-08", "대체공휴일(추석)"), ("2026-06-03", "지방선거일"), ("2026-07-17", "제헌절"),
        ("2027-02-07", "설날"), ("2027-07-19", "대체공휴일(제헌절)"), ("2028-01-27", "설날"),
        ("2028-10-05", "대체공휴일(추석)"),
    ])
    func knownDays(date: String, name: String) {
        #expect(byDate[date]?.map(\.name) == [name])
    }

    /// Saturdays of Chuseok 2026, New Year and Memorial Day have no substitute; no law of the time gave these days.
    @Test(arguments: [
        "2019-05-13", "2020-10-05", "2016-10-10", "2026-09-28", "2027-02-05", "2028-01-03", "2022-05-09", "2022-12-26",
        "2026-06-08", "2025-07-17",
    ])
    func ordinaryDays(date: String) {
        #expect(byDate[date] == nil)
    }

    @Test(arguments: 2015...2030, ["설날", "추석"])
    func feastsAreThreeDaysOnEnd(year: Int, feast: String) throws {
        let days = ShippedCalendar.korea.days.filter {
            $0.date.components.year == year && $0.name.split(separator: "·").contains(Substring(feast))
        }
        #expect(days.count == 1)
        let middle = try #require(days.first).date.daysSinceEpoch
        for side in [middle - 1, middle + 1] {
            let name = byDate[CivilDate(daysSinceEpoch: side).description]?.first?.name
            #expect(name?.split(separator: "·").first == "\(feast) 연휴")
        }
    }

    @Test func substituteDaysAreWorkingDaysMadeFree() {
        let substitutes = ShippedCalendar.korea.days.filter { $0.name.hasPrefix("대체공휴일") }
        #expect(substitutes.count > 30)
        #expect(Set(substitutes.map(\.kind)) == ["substitute"])
        #expect(substitutes.allSatisfy { $0.date.weekday < 5 })
    }

    @Test(arguments: ["01-01", "03-01", "05-05", "06-06", "08-15", "10-03", "10-09", "12-25"], 2015...2030)
    func fixedDaysComeEveryYear(day: String, year: Int) {
        #expect(byDate["\(year)-\(day)"] != nil)
    }
}
