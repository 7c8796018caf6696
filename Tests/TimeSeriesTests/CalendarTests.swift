import Testing
import TimeSeries

@Suite struct CalendarTests {
    @Test func everyDayOfFourCenturiesConvertsBackAndForth() {
        var previous = CivilDate(year: 1799, month: 12, day: 31)
        for days in (previous.daysSinceEpoch + 1)...(previous.daysSinceEpoch + 146_097) {
            let date = CivilDate(daysSinceEpoch: days)
            let (year, month, day) = date.components
            #expect(CivilDate(year: year, month: month, day: day) == date)
            #expect(date > previous)
            #expect((previous.weekday + 1) % 7 == date.weekday)
            previous = date
        }
    }

    @Test func knownDays() {
        #expect(CivilDate("1970-01-01")?.daysSinceEpoch == 0)
        #expect(CivilDate("1970-01-01")?.weekday == 3)
        #expect(CivilDate("2027-02-07")?.weekday == 6)
        #expect(CivilDate("2024-02-29")?.description == "2024-02-29")
    }

    @Test(arguments: [
        "2023-02-29", "2023-13-01", "2023-1-01", "20230101", "", "2023-00-10", "2023-04-31", "abcd-ef-gh",
    ])
    func textThatIsNoDateIsRefused(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test(arguments: Frequency.allCases)
    func bucketsTileTheCalendar(frequency: Frequency) {
        var days = CivilDate(year: 1968, month: 1, day: 1).daysSinceEpoch
        let end = CivilDate(year: 2033, month: 1, day: 1).daysSinceEpoch
        while days < end {
            let date = CivilDate(daysSinceEpoch: days)
            let bucket = Bucket(frequency: frequency, containing: date, hour: 5)
            #expect(bucket.firstDay <= date)
            if frequency == .hourly {
                #expect(bucket.firstDay == date)
                #expect(bucket.hour == 5)
            } else {
                #expect(bucket.advanced(by: 1).firstDay > date)
                #expect(bucket.lastDay >= date)
                #expect(bucket.lastDay < bucket.advanced(by: 1).firstDay)
                #expect(Bucket(frequency: frequency, containing: bucket.firstDay) == bucket)
            }
            days += 1
        }
    }

    @Test func weeksBeginOnMonday() {
        let bucket = Bucket(frequency: .weekly, containing: CivilDate(year: 2026, month: 11, day: 24))
        #expect(bucket.description == "2026-11-23")
    }

    @Test func aBucketEndsOnItsLastDay() throws {
        let day = try #require(CivilDate("2028-02-10"))
        let ends: [(Frequency, Int, String)] = [
            (.hourly, 0, "2028-02-10"), (.hourly, 23, "2028-02-10"), (.daily, 0, "2028-02-10"),
            (.weekly, 0, "2028-02-13"), (.monthly, 0, "2028-02-29"), (.quarterly, 0, "2028-03-31"),
            (.yearly, 0, "2028-12-31"),
        ]
        for (frequency, hour, last) in ends {
            #expect(Bucket(frequency: frequency, containing: day, hour: hour).lastDay.description == last)
        }
    }
}
