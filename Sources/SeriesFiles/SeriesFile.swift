public import TabularText
public import TimeSeries

/// Series from a file with the columns `unique_id`, `ds` and `y`, in the order in which they first appear.
///
/// Rows may come in any order. A row that cannot be read is put aside with its reason; an empty `y`, `NaN` or `NA` is a
/// missing observation, and so is a bucket without a row; of several rows for one bucket the values add up.
public struct SeriesFile: Sendable {
    /// A row that was not taken.
    public struct RejectedRow: Sendable, Hashable, Codable {
        /// Its line in the file, from 1.
        public var line: Int
        /// The column, where one is to blame.
        public var column: String?
        /// What stands there.
        public var value: String?
        /// Why it cannot be used.
        public var reason: String
    }

    /// How long a bucket is.
    public let frequency: Frequency
    /// The series.
    public private(set) var series: [DemandSeries] = []
    /// Rows taken.
    public private(set) var accepted = 0
    /// Rows put aside; only the first hundred are listed in `rejectedRows`.
    public private(set) var rejected = 0
    /// The first rows put aside.
    public private(set) var rejectedRows: [RejectedRow] = []
    /// How many buckets of each series had more than one row; same count as `series`.
    public private(set) var repeated: [Int] = []
    /// The date of the last row of each series; same count as `series`.
    private(set) var lastDates: [FileDate] = []

    /// A series is refused where its rows span more buckets than this: a wrong year must not fill the memory.
    private static let longest = 1_000_000

    /// Reads a file; `-` is standard input, `.gz` is unpacked.
    ///
    /// - Throws: `TabularError` where the file cannot be read, ``SeriesFileError`` where it lacks a column.
    public init(path: String, frequency: Frequency, encoding: TextEncoding = .utf8) throws {
        self.frequency = frequency
        var reader = try DelimitedReader(path: path, encoding: encoding)
        let file = path == "-" ? "Standard input" : path
        func place(_ name: String) throws -> Int {
            guard let place = reader.header.firstIndex(of: name) else {
                throw SeriesFileError.missingColumn(file: file, name: name, found: reader.header)
            }
            return place
        }
        let places = (id: try place("unique_id"), date: try place("ds"), value: try place("y"))
        var builders: [SeriesRows] = []
        var indexes: [[UInt8]: Int] = [:]
        var record = DelimitedRecord()
        while try reader.next(into: &record) {
            do throws(RejectedRow) {
                let row = try SeriesFile.row(record, places)
                let index = indexes[Array(row.id)] ?? builders.count
                if index == builders.count {
                    indexes[Array(row.id)] = index
                    builders.append(SeriesRows(id: String(decoding: row.id, as: UTF8.self)))
                }
                builders[index].add(row.date, row.value, frequency)
                accepted += 1
            } catch {
                rejected += 1
                if rejectedRows.count < 100 { rejectedRows.append(error) }
            }
        }
        for builder in builders {
            guard builder.span <= SeriesFile.longest else {
                rejected += builder.count
                accepted -= builder.count
                if rejectedRows.count < 100 {
                    rejectedRows.append(
                        RejectedRow(
                            line: 0, column: "ds", value: builder.id,
                            reason:
                                "the dates of this series are more than \(SeriesFile.longest) buckets apart: look for a wrong year, or at --frequency"
                        ))
                }
                continue
            }
            let (built, repeats) = builder.build(frequency)
            series.append(built)
            repeated.append(repeats)
            if let last = builder.lastDate { lastDates.append(last) }
        }
    }

    private static func row(
        _ record: DelimitedRecord, _ places: (id: Int, date: Int, value: Int)
    ) throws(RejectedRow) -> (id: ArraySlice<UInt8>, date: FileDate, value: Double) {
        if let problem = record.problem {
            throw RejectedRow(line: record.line, column: nil, value: nil, reason: problem)
        }
        let id = record.field(places.id)
        guard !id.isEmpty else {
            throw RejectedRow(line: record.line, column: "unique_id", value: nil, reason: "it is empty")
        }
        guard let date = FileDate(record.field(places.date)) else {
            throw RejectedRow(
                line: record.line, column: "ds", value: record.text(places.date),
                reason: "it is no date such as 2027-02-28 or 2027-02-28 13:00:00")
        }
        let text = record.text(places.value)
        if text.isEmpty || ["nan", "na", "null"].contains(text.lowercased()) { return (id, date, .nan) }
        guard let value = Double(text), value.isFinite else {
            throw RejectedRow(line: record.line, column: "y", value: text, reason: "it is no finite number")
        }
        return (id, date, value)
    }
}

extension SeriesFile.RejectedRow: Error {}

/// Why a file cannot be taken as series at all.
public enum SeriesFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A column is missing.
    case missingColumn(file: String, name: String, found: [String])

    /// One sentence: what, where, what to do.
    public var description: String {
        switch self {
        case .missingColumn(let file, let name, let found):
            "\(file) has no column \(name); it needs unique_id, ds and y, and has \(found.joined(separator: ", "))."
        }
    }
}

/// The rows of one series as they come.
private struct SeriesRows {
    let id: String
    private var ordinals: [Int] = []
    private var values: [Double] = []
    private(set) var lastDate: FileDate?
    private var lowest = Int.max
    private var highest = Int.min

    init(id: String) { self.id = id }

    var count: Int { ordinals.count }
    var span: Int { highest - lowest + 1 }

    mutating func add(_ date: FileDate, _ value: Double, _ frequency: Frequency) {
        let ordinal = date.bucket(frequency).ordinal
        ordinals.append(ordinal)
        values.append(value)
        lowest = min(lowest, ordinal)
        if ordinal >= highest {
            highest = ordinal
            lastDate = date
        }
    }

    func build(_ frequency: Frequency) -> (series: DemandSeries, repeated: Int) {
        var result = [Double](repeating: .nan, count: span)
        var isTaken = [Bool](repeating: false, count: span)
        var repeated = 0
        for (ordinal, value) in zip(ordinals, values) {
            let place = ordinal - lowest
            if isTaken[place] { repeated += 1 }
            isTaken[place] = true
            if value.isNaN { continue }
            result[place] = result[place].isNaN ? value : result[place] + value
        }
        return (
            DemandSeries(
                key: SeriesKey(item: id), start: Bucket(frequency: frequency, ordinal: lowest), values: result),
            repeated
        )
    }
}
