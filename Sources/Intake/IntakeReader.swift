internal import ContentHash
public import TabularText

/// Turns a file into rows for PostgreSQL's COPY, taking or rejecting each record.
///
/// Every data record gives exactly one row, so that accepted + rejected = records. Memory use does not grow with the
/// file.
public struct IntakeReader {
    /// Records taken so far.
    public private(set) var accepted = 0
    /// Records rejected so far.
    public private(set) var rejected = 0
    /// Blank lines skipped so far.
    public var blankLines: Int { reader.blankLines }
    /// Share of the file read so far; `nil` where its size is not known.
    public var fractionRead: Double? { reader.fractionRead }
    /// SHA-256 of header and records as read, in hexadecimal; complete once the file is read.
    public private(set) var contentHash = ""

    /// The greatest number in the column that is watched, over all records; `nil` where none has one.
    public private(set) var greatestWatched: Double?

    private let plan: IntakePlan
    private let watched: Int?
    private var reader: DelimitedReader
    private var record = DelimitedRecord()
    private var encoder: RecordEncoder
    private var hash = SHA256()
    private var unhashed: [UInt8] = []
    private var rows: [UInt8] = []
    private var isFinished = false

    /// Opens a file and looks whether its header has what is needed.
    ///
    /// Throws ``IntakeError/missingColumns(file:missing:found:advice:)`` and `TabularError`.
    public init(path: String, plan: IntakePlan, watching column: String? = nil) throws {
        try self.init(try ByteSource(path: path), plan: plan, watching: column)
    }

    /// Looks whether the header of an open file has what is needed; throws as above.
    ///
    /// The numbers in the column `watching` are followed besides, whatever becomes of their records.
    public init(_ source: ByteSource, plan: IntakePlan, watching column: String? = nil) throws {
        self.plan = plan
        reader = try DelimitedReader(source, encoding: plan.encoding, delimiter: plan.mapping.delimiter)
        encoder = try RecordEncoder(plan: plan, header: reader.header, path: source.path)
        watched = column.flatMap(reader.header.firstIndex)
        for name in reader.header { hash.update(Array("\(name)\u{1f}".utf8)) }
    }

    /// The next rows in COPY text format, about 256 KiB; `nil` at the end.
    public mutating func next() throws -> [UInt8]? {
        guard !isFinished else { return nil }
        rows.removeAll(keepingCapacity: true)
        while rows.count < 1 << 18 {
            guard try reader.next(into: &record) else {
                isFinished = true
                hash.update(unhashed)
                contentHash = hash.finish()
                hash = SHA256()
                return rows.isEmpty ? nil : rows
            }
            hashRecord()
            if let watched, record.problem == nil, let number = Double(record.text(watched)) {
                greatestWatched = max(greatestWatched ?? number, number)
            }
            if encoder.encode(record, into: &rows) == nil { accepted += 1 } else { rejected += 1 }
        }
        return rows
    }

    /// Adds a record to the hash: its bytes and where its fields end, so that ("ab", "c") and ("a", "bc") differ.
    private mutating func hashRecord() {
        record.withContent { bytes, ends in
            for index in bytes.indices { unhashed.append(bytes[index]) }
            for end in ends {
                unhashed.append(UInt8(truncatingIfNeeded: end))
                unhashed.append(UInt8(truncatingIfNeeded: end >> 8))
            }
            unhashed.append(0xff)
        }
        // A few records at a time: many small updates cost more than the hash itself.
        guard unhashed.count >= 1 << 14 else { return }
        hash.update(unhashed)
        unhashed.removeAll(keepingCapacity: true)
    }
}
