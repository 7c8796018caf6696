internal import TabularText
public import Forecasting
public import TimeSeries

/// What a person knows of days to come and past: events of series and holidays of all, read from files.
public struct KnownDays: Sendable {
    /// The holidays.
    public private(set) var holidays: [Holiday] = []
    private var ofAllSeries: [DemandEvent] = []
    private var bySeries: [String: [DemandEvent]] = [:]

    /// Nothing is known.
    public init() {}

    /// Reads the files there are; `.gz` is unpacked, columns are found by name.
    ///
    /// - Parameters:
    ///   - events: `name,starts_on,ends_on`, and where wanted `unique_id` (all series where it is empty), `kind`
    ///     (promotion, price, closure or other), `value` and `known_from`.
    ///   - holidays: `date,name`.
    /// - Throws: `TabularError`; ``SeriesFileError`` at the first row that cannot be read, since a forecast without an
    ///   event that was meant would be wrong and look right.
    public init(events: String?, holidays: String?) throws {
        if let events { try readEvents(events) }
        if let holidays { try readHolidays(holidays) }
    }

    /// The series that have events of their own.
    var seriesNames: Set<String> { Set(bySeries.keys) }

    /// The events of a series, those of all series first.
    public func events(of name: String) -> [DemandEvent] {
        bySeries.isEmpty ? ofAllSeries : ofAllSeries + (bySeries[name] ?? [])
    }

    private mutating func readEvents(_ path: String) throws {
        try KnownDays.read(path, needed: ["name", "starts_on", "ends_on"]) { row throws(SeriesFileError) in
            let kindName = row.text("kind") ?? "other"
            guard let kind = DemandEvent.Kind(rawValue: kindName) else {
                throw row.problem("kind", "take promotion, price, closure or other")
            }
            var value: Double?
            if let text = row.text("value") {
                value = Double(text)
                guard value?.isFinite == true else { throw row.problem("value", "it is no finite number") }
            }
            let event = DemandEvent(
                name: row.text("name") ?? kindName, kind: kind, firstDay: try row.day("starts_on"),
                lastDay: try row.day("ends_on"),
                knownFrom: row.text("known_from") == nil ? nil : try row.day("known_from"),
                value: value)
            if event.firstDay != (try row.day("starts_on")) { throw row.problem("ends_on", "it lies before starts_on") }
            if let name = row.text("unique_id") {
                bySeries[name, default: []].append(event)
            } else {
                ofAllSeries.append(event)
            }
        }
    }

    private mutating func readHolidays(_ path: String) throws {
        try KnownDays.read(path, needed: ["date", "name"]) { row throws(SeriesFileError) in
            guard let name = row.text("name") else { throw row.problem("name", "it is empty") }
            holidays.append(Holiday(date: try row.day("date"), name: name))
        }
    }

    private static func read(
        _ path: String, needed: [String], _ body: (KnownDayRow) throws(SeriesFileError) -> Void
    ) throws {
        var reader = try DelimitedReader(path: path)
        let file = path == "-" ? "Standard input" : path
        for name in needed where !reader.header.contains(name) {
            throw SeriesFileError.missingColumn(file: file, name: name, found: reader.header, needed: needed)
        }
        var record = DelimitedRecord()
        while try reader.next(into: &record) {
            let row = KnownDayRow(file: file, header: reader.header, record: record)
            if let problem = record.problem { throw row.problem(nil, problem) }
            try body(row)
        }
    }
}

/// One row of a file of events or holidays.
private struct KnownDayRow {
    let file: String
    let header: [String]
    let record: DelimitedRecord

    /// What stands in a column; `nil` where it is empty or there is no such column.
    func text(_ column: String) -> String? {
        guard let place = header.firstIndex(of: column), !record.field(place).isEmpty else { return nil }
        return record.text(place)
    }

    /// The day in a column.
    func day(_ column: String) throws(SeriesFileError) -> CivilDate {
        guard let day = text(column).flatMap({ CivilDate($0) }) else {
            throw problem(column, "it is no date such as 2027-02-28")
        }
        return day
    }

    /// Why the row cannot be read.
    func problem(_ column: String?, _ reason: String) -> SeriesFileError {
        .badRow(
            file: file,
            row: RejectedSeriesRow(line: record.line, column: column, value: column.flatMap(text), reason: reason))
    }
}
