internal import TimeSeries

/// A site shut for some days on which nothing is delivered.
struct Closure: Sendable {
    /// The site.
    var siteID: String
    /// What people call it.
    var name: String
    /// First day.
    var startsOn: CivilDate
    /// Last day.
    var endsOn: CivilDate

    /// Days before it at which it is announced.
    static let notice = 120

    /// Day it became known.
    var knownFrom: CivilDate { CivilDate(daysSinceEpoch: startsOn.daysSinceEpoch - Closure.notice) }

    /// Whether it holds on a day.
    func holds(on date: CivilDate) -> Bool { startsOn <= date && date <= endsOn }

    /// The closures of a site in a stretch: three days of summer rest from the first Monday of August in Daejeon, and
    /// everywhere the last Thursday of June and the second Thursday of December for taking stock.
    static func plan(for site: Site, from first: CivilDate, through last: CivilDate) -> [Closure] {
        var closures: [Closure] = []
        for year in first.components.year...last.components.year {
            let stocktakings = [CivilDate(year: year, month: 6, day: 24), CivilDate(year: year, month: 12, day: 8)]
            for earliest in stocktakings {
                let day = next(weekday: 3, from: earliest)
                closures.append(Closure(siteID: site.id, name: "\(site.name) 재고 실사", startsOn: day, endsOn: day))
            }
            if site.hasSummerRest {
                let monday = next(weekday: 0, from: CivilDate(year: year, month: 8, day: 1))
                closures.append(
                    Closure(
                        siteID: site.id, name: "\(site.name) 하계 휴무", startsOn: monday,
                        endsOn: CivilDate(daysSinceEpoch: monday.daysSinceEpoch + 2)))
            }
        }
        return closures.filter { $0.startsOn >= first && $0.startsOn <= last }.sorted { $0.startsOn < $1.startsOn }
    }

    private static func next(weekday: Int, from date: CivilDate) -> CivilDate {
        CivilDate(daysSinceEpoch: date.daysSinceEpoch + (weekday - date.weekday + 7) % 7)
    }
}
