public import TabularText
public import TimeSeries

/// All series of a file at once: see ``SeriesReader``.
public struct SeriesFile: Sendable {
    /// How long a bucket is.
    public let frequency: Frequency
    /// The series, in the order in which they first appear.
    public private(set) var contents: [FileSeries] = []
    /// What became of the rows.
    public let tally: SeriesTally

    /// The series without what else the file says of them.
    public var series: [DemandSeries] { contents.map(\.series) }

    /// Reads a file to its end, with rows in any order; `-` is standard input, `.gz` is unpacked.
    ///
    /// - Throws: `TabularError` where the file cannot be read, ``SeriesFileError`` where it lacks a column.
    public init(path: String, frequency: Frequency, encoding: TextEncoding = .utf8) throws {
        self.frequency = frequency
        var reader = try SeriesReader(path: path, frequency: frequency, encoding: encoding, anyOrder: true)
        while let batch = try reader.next() { contents.append(contentsOf: batch) }
        tally = reader.tally
    }
}

/// Why a file cannot be taken as series at all.
public enum SeriesFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A column is missing.
    case missingColumn(file: String, name: String, found: [String], needed: [String])
    /// A row that must be understood cannot be.
    case badRow(file: String, row: RejectedSeriesRow)
    /// A row belongs to a series that was handed over already.
    case scattered(file: String, line: Int, id: String)

    /// One sentence: what, where, what to do.
    public var description: String {
        switch self {
        case .missingColumn(let file, let name, let found, let needed):
            "\(file) has no column \(name); it needs \(needed.dropLast().joined(separator: ", ")) and \(needed.last ?? ""), "
                + "and has \(found.joined(separator: ", "))."
        case .badRow(let file, let row):
            "\(file):\(row.line)\(row.column.map { ", column \($0)" } ?? "")"
                + "\(row.value.map { ", '\($0.prefix(40))'" } ?? ""): \(row.reason)."
        case .scattered(let file, let line, let id):
            "\(file):\(line): series '\(id)' goes on after its forecast was written: sort the rows by unique_id, or name "
                + "both files instead of using standard input and output."
        }
    }
}
