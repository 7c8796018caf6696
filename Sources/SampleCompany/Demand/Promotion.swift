internal import TimeSeries

/// An item sold cheaper for some days, decided on some weeks before.
struct Promotion: Sendable {
    /// The item.
    var itemID: String
    /// The only site, where it is not all.
    var siteID: String?
    /// First day.
    var startsOn: CivilDate
    /// Last day.
    var endsOn: CivilDate
    /// Day it was decided.
    var knownFrom: CivilDate
    /// Share off the price.
    var discount: Double

    /// The promotions of an item whose first day lies in a stretch, in ascending order; no two overlap.
    static func plan(
        for item: Item, from first: CivilDate, through last: CivilDate, seed: UInt64
    ) -> [Promotion] {
        guard item.pattern.promotionsAYear > 0 else { return [] }
        var random = RandomSource(seed: seed, name: "promotions of \(item.id)")
        let rest = 365 / item.pattern.promotionsAYear
        var promotions: [Promotion] = []
        var start = first.daysSinceEpoch + random.integer(in: 5...rest)
        while start <= last.daysSinceEpoch {
            // They begin on a Thursday.
            let day = CivilDate(daysSinceEpoch: start + (10 - CivilDate(daysSinceEpoch: start).weekday) % 7)
            let length = [7, 7, 10, 14][random.integer(in: 0...3)]
            let notice = random.integer(in: 30...60)
            let discount = [0.1, 0.15, 0.2, 0.2, 0.25, 0.3][random.integer(in: 0...5)]
            let site = random.happens(0.2) ? item.siteIDs[random.integer(in: 0...item.siteIDs.count - 1)] : nil
            promotions.append(
                Promotion(
                    itemID: item.id, siteID: site, startsOn: day,
                    endsOn: CivilDate(daysSinceEpoch: day.daysSinceEpoch + length - 1),
                    knownFrom: CivilDate(daysSinceEpoch: day.daysSinceEpoch - notice), discount: discount))
            start = day.daysSinceEpoch + length + max(21, rest + random.integer(in: -20...20) - length)
        }
        return promotions
    }
}
