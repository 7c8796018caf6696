internal import HolidayCalendars
internal import TimeSeries

/// Writes what changes seldom: sites, items, customers, holidays, events and lead times.
struct MasterFiles {
    /// What they are about.
    let history: TradingHistory
    /// The history's last day.
    let lastDay: CivilDate

    func writeSites(to folder: String) throws -> SampleFile {
        let file = try RecordFile("sites", in: folder, columns: ["site_id", "name", "time_zone"])
        for site in Site.all { try file.write([site.id, site.name, "Asia/Seoul"]) }
        return try file.finish()
    }

    /// Items older than the history have no first day, so that no zeros are counted before it.
    func writeItems(to folder: String) throws -> SampleFile {
        let file = try RecordFile(
            "items", in: folder,
            columns: [
                "item_id", "name", "category", "unit", "introduced_on", "discontinued_on", "unit_cost", "pack_size",
            ])
        for item in Item.all {
            let life = item.pattern.life
            try file.write([
                item.id, item.name, item.category.rawValue, item.unit, dayText(back: life.introduced),
                dayText(back: life.discontinued), String(item.cost), String(item.packSize),
            ])
        }
        return try file.finish()
    }

    func writeCustomers(to folder: String) throws -> SampleFile {
        let file = try RecordFile("customers", in: folder, columns: ["customer_id", "name"])
        for customer in Customer.all { try file.write([customer.id, customer.name]) }
        return try file.finish()
    }

    func writeHolidays(to folder: String) throws -> SampleFile {
        let file = try RecordFile("holidays", in: folder, columns: ["calendar", "date", "name", "kind", "note"])
        let calendar = ShippedCalendar.korea
        for day in calendar.days {
            try file.write([calendar.name, day.date.description, day.name, day.kind, day.note])
        }
        return try file.finish()
    }

    /// Promotions with their discount, then closures; those that lie ahead too, where they were known by the last day.
    func writeEvents(to folder: String) throws -> SampleFile {
        let file = try RecordFile(
            "events", in: folder,
            columns: [
                "event_id", "name", "kind", "item_id", "site_id", "starts_on", "ends_on", "known_from", "value",
            ])
        let names = Dictionary(uniqueKeysWithValues: Item.all.map { ($0.id, $0.name) })
        for promotion in history.promotions {
            let percent = Int((promotion.discount * 100).rounded())
            try file.write([
                "PR-\(promotion.itemID)-\(promotion.startsOn)",
                "\(names[promotion.itemID, default: ""]) \(percent)% 할인",
                "promotion", promotion.itemID, promotion.siteID ?? "", promotion.startsOn.description,
                promotion.endsOn.description, promotion.knownFrom.description, String(promotion.discount),
            ])
        }
        for closure in history.closures {
            try file.write([
                "CL-\(closure.siteID)-\(closure.startsOn)", closure.name, "closure", "", closure.siteID,
                closure.startsOn.description, closure.endsOn.description, closure.knownFrom.description, "",
            ])
        }
        return try file.finish()
    }

    /// One figure for each item, at every site.
    func writeLeadTimes(to folder: String) throws -> SampleFile {
        let file = try RecordFile(
            "lead-times", in: folder, columns: ["item_id", "site_id", "supplier", "days", "days_sd", "valid_from"])
        for item in Item.all {
            let leadTime = item.category.leadTime
            try file.write([
                item.id, "", item.category.supplier, String(leadTime.days), String(leadTime.deviation), "",
            ])
        }
        return try file.finish()
    }

    private func dayText(back days: Int?) -> String {
        days.map { CivilDate(daysSinceEpoch: lastDay.daysSinceEpoch - $0).description } ?? ""
    }
}
