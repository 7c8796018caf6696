public import TimeSeries

/// A holiday calendar this binary carries, as data rather than rules.
public struct ShippedCalendar: Sendable {
    /// One day off.
    public struct Day: Sendable, Hashable {
        /// The day.
        public var date: CivilDate
        /// What people call it; two names joined by `·` where two fall on one day.
        public var name: String
        /// Why it is a day off: `public`, `substitute`, `election` or `one-off`.
        public var kind: String
        /// What else is known of it; empty where nothing is.
        public var note: String
    }

    /// Its name, as in the holidays file and in a job's `calendar` or `holiday_calendar`.
    public let name: String
    /// The file: `calendar,date,name,kind,note`, ascending.
    public let text: String
    /// Every day, ascending, each once.
    public let days: [Day]

    /// Every calendar there is, by name.
    public static let all = ["KR": korea]

    /// The public holidays (관공서의 공휴일) of the Republic of Korea from 2015 to 2030, Sundays apart.
    ///
    /// Sources: the Public Holidays Act (공휴일에 관한 법률, since 2021-07) and before it the decree on holidays of
    /// public offices (관공서의 공휴일에 관한 규정); for the years to 2027 the almanac published each June (월력요항: Korea
    /// Astronomy and Space Science Institute, since 2024 the Korea AeroSpace Administration); and the one-off days of the
    /// cabinet.
    ///
    /// - Substitute days (대체공휴일): since 2014 for Seollal, Chuseok and Children's Day, since August 2021 also for 삼일절,
    ///   광복절, 개천절 and 한글날, since May 2023 also for Buddha's birthday and Christmas, since 2026 also for 노동절 and
    ///   제헌절. Seollal and Chuseok have one where a day of theirs falls on a Sunday or another holiday, the rest also
    ///   where they fall on a Saturday. New Year and 현충일 have none.
    /// - Labour Day (노동절) and Constitution Day (제헌절) are public holidays from 2026 on.
    /// - Lunar dates are those of the Korean meridian: Seollal is 2027-02-07 and 2028-01-27, each a day after the Chinese
    ///   New Year.
    /// - The years 2028 to 2030 stand as the law of 2026 makes them and await their almanacs; so do their election days
    ///   (공직선거법, article 34). Their note says so.
    public static let korea = ShippedCalendar(
        name: "KR", text: String(decoding: PackageResources.KR_csv, as: UTF8.self))

    private init(name: String, text: String) {
        self.name = name
        self.text = text
        days = text.split(separator: "\n").dropFirst().map { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 5, fields[0] == name, let date = CivilDate(fields[1]) else {
                preconditionFailure("not a day of calendar \(name): \(line)")
            }
            return Day(date: date, name: String(fields[2]), kind: String(fields[3]), note: String(fields[4]))
        }
    }
}
