internal import TabularText

/// One row of a file with the columns `unique_id`, `ds` and `y`.
struct FileRow {
    /// Where the three columns are.
    struct Places: Sendable {
        var id: Int
        var date: Int
        var value: Int

        /// Finds the columns by their names; other columns may stand between them.
        ///
        /// - Throws: ``SeriesFileError`` where one is missing.
        init(header: [String], file: String) throws(SeriesFileError) {
            func place(_ name: String) throws(SeriesFileError) -> Int {
                guard let place = header.firstIndex(of: name) else {
                    throw SeriesFileError.missingColumn(
                        file: file, name: name, found: header, needed: ["unique_id", "ds", "y"])
                }
                return place
            }
            id = try place("unique_id")
            date = try place("ds")
            value = try place("y")
        }
    }

    var id: ArraySlice<UInt8>
    var date: FileDate
    /// NaN where the value is missing: an empty field, `NaN`, `NA` or `null`.
    var value: Double

    /// Reads a record; throws the row with its reason where it cannot be used.
    init(_ record: DelimitedRecord, _ places: Places) throws(RejectedSeriesRow) {
        if let problem = record.problem {
            throw RejectedSeriesRow(line: record.line, column: nil, value: nil, reason: problem)
        }
        id = record.field(places.id)
        guard !id.isEmpty else {
            throw RejectedSeriesRow(line: record.line, column: "unique_id", value: nil, reason: "it is empty")
        }
        guard let date = FileDate(record.field(places.date)) else {
            throw RejectedSeriesRow(
                line: record.line, column: "ds", value: record.text(places.date),
                reason: "it is no date such as 2027-02-28 or 2027-02-28 13:00:00")
        }
        self.date = date
        guard let value = FileNumber.value(of: record.field(places.value)) else {
            throw RejectedSeriesRow(
                line: record.line, column: "y", value: record.text(places.value), reason: "it is no finite number")
        }
        self.value = value
    }
}

/// A row that was not taken.
public struct RejectedSeriesRow: Error, Sendable, Hashable, Codable {
    /// Its line in the file, from 1; 0 where a whole series was not taken.
    public var line: Int
    /// The column, where one is to blame.
    public var column: String?
    /// What stands there.
    public var value: String?
    /// Why it cannot be used.
    public var reason: String
}
