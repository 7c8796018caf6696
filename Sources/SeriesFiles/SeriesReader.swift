public import TabularText
public import TimeSeries

/// Reads series from a file with the columns `unique_id`, `ds` and `y`, a few thousand at a time, in the order in which
/// they first appear.
///
/// Where the rows of a series stand together, as they usually do, series are handed over as they are read, and memory
/// does not grow with the file but for eight bytes per series. The first quarter of a million rows are looked at before
/// anything is handed over: where series are mixed there, the file is read to its end first.
///
/// A row that cannot be read is put aside with its reason; an empty `y`, `NaN` or `NA` is a missing observation, and so
/// is a bucket without a row; of several rows for one bucket the values add up.
public struct SeriesReader {
    /// How long a bucket is.
    public let frequency: Frequency
    /// What was read so far.
    public private(set) var tally = SeriesTally()

    private let file: String
    private var reader: DelimitedReader
    private let places: FileRow.Places
    private var record = DelimitedRecord()
    private var phase: Phase
    /// Series not handed over yet, in the order of their first rows; in `grouped` the last may go on.
    private var waiting: [SeriesRows] = []
    /// Which of those waiting has an identifier; kept only as long as rows may come in any order.
    private var indexes: [[UInt8]: Int] = [:]
    /// Fingerprints of all identifiers, kept where a series is handed over before the end of the file.
    private var seen: Set<UInt64> = []
    /// The one of those waiting that the last row went to.
    private var current = -1

    private enum Phase {
        /// The first rows, in any order.
        case window
        /// Rows stand together by series.
        case grouped
        /// Rows stand in any order, up to the end of the file.
        case mixed
        case ended
    }

    /// How much is held at once.
    package struct Limits: Sendable {
        /// Rows looked at before it is settled that the rows of a series stand together.
        package var window = 1 << 18
        /// Series handed over at once at most.
        package var series = 4096
        /// Buckets handed over at once, but for the last series.
        package var buckets = 1 << 18

        package init() {}
    }

    private let limits: Limits
    /// A series is refused where its rows span more buckets than this: a wrong year must not fill the memory.
    private static let longest = 1_000_000

    /// Opens a file; `-` is standard input, `.gz` is unpacked.
    ///
    /// - Parameter anyOrder: reads to the end before anything is handed over, so that rows may come in any order
    ///   throughout.
    /// - Throws: `TabularError` where the file cannot be read, ``SeriesFileError`` where it lacks a column.
    public init(
        path: String, frequency: Frequency, encoding: TextEncoding = .utf8, anyOrder: Bool = false
    ) throws {
        try self.init(path: path, frequency: frequency, encoding: encoding, anyOrder: anyOrder, limits: Limits())
    }

    /// Opens a file with limits of one's own.
    package init(
        path: String, frequency: Frequency, encoding: TextEncoding = .utf8, anyOrder: Bool = false, limits: Limits
    ) throws {
        self.frequency = frequency
        self.limits = limits
        reader = try DelimitedReader(path: path, encoding: encoding)
        file = path == "-" ? "Standard input" : path
        places = try FileRow.Places(header: reader.header, file: file)
        phase = anyOrder ? .mixed : .window
    }

    /// Share of the file read so far, 0 to 1; `nil` where its size is not known.
    public var fractionRead: Double? { reader.fractionRead }

    /// The next series; `nil` at the end, never empty.
    ///
    /// - Throws: ``SeriesFileError/scattered(file:line:id:)`` where a row belongs to a series handed over already.
    public mutating func next() throws -> [FileSeries]? {
        while phase != .ended, !hasBatch {
            if try reader.next(into: &record) {
                try take()
            } else {
                phase = .ended
                indexes = [:]
            }
        }
        while !waiting.isEmpty {
            let batch = handOver()
            if !batch.isEmpty { return batch }
        }
        return nil
    }

    /// Whether enough series are complete.
    private var hasBatch: Bool {
        phase == .grouped && (waiting.count > limits.series || completeBuckets >= limits.buckets)
    }

    /// Buckets of the waiting series that are complete, in `grouped`.
    private var completeBuckets = 0

    /// Puts the record's row where it belongs.
    private mutating func take() throws {
        let row: FileRow
        do throws(RejectedSeriesRow) { row = try FileRow(record, places) } catch {
            tally.reject(error)
            return
        }
        tally.accepted += 1
        if current >= 0, waiting[current].id.elementsEqual(row.id) {
            waiting[current].add(row, frequency)
        } else if phase == .grouped {
            guard seen.insert(SeriesReader.fingerprint(row.id)).inserted else {
                throw SeriesFileError.scattered(
                    file: file, line: record.line, id: String(decoding: row.id, as: UTF8.self))
            }
            if let last = waiting.last { completeBuckets += min(last.span, SeriesReader.longest) }
            append(row)
        } else if let index = indexes[Array(row.id)] {
            phase = .mixed
            current = index
            waiting[index].add(row, frequency)
        } else {
            indexes[Array(row.id)] = waiting.count
            append(row)
        }
        if phase == .window, tally.accepted >= limits.window { settleOnGroups() }
    }

    private mutating func append(_ row: FileRow) {
        current = waiting.count
        waiting.append(SeriesRows(row, frequency))
    }

    /// From here on a series is complete where another begins.
    private mutating func settleOnGroups() {
        phase = .grouped
        seen = Set(waiting.map { SeriesReader.fingerprint($0.id[...]) })
        indexes = [:]
        completeBuckets = waiting.dropLast().reduce(0) { $0 + min($1.span, SeriesReader.longest) }
    }

    /// Builds the first of those waiting, without the one that may go on; empty where all were refused.
    private mutating func handOver() -> [FileSeries] {
        let complete = phase == .grouped ? waiting.count - 1 : waiting.count
        var result: [FileSeries] = []
        var buckets = 0
        var number = 0
        while number < complete, number < limits.series, buckets < limits.buckets {
            let rows = waiting[number]
            number += 1
            buckets += min(rows.span, SeriesReader.longest)
            guard rows.span <= SeriesReader.longest else {
                tally.refuse(rows, longest: SeriesReader.longest)
                continue
            }
            result.append(rows.build(frequency))
        }
        if phase == .grouped { completeBuckets -= buckets }
        tally.series += result.count
        waiting.removeFirst(number)
        current -= number
        return result
    }

    /// Sixty-four bits that differ for different identifiers, by FNV-1a (Fowler, Noll and Vo). Two that are alike by
    /// chance only mean that a file is taken for a mixed one.
    private static func fingerprint(_ id: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }
}
