internal import PostgresClient
internal import TimeSeries

/// Rows in PostgreSQL's binary COPY format: numbers travel as they are, with no text to write and to read.
///
/// The format: a header, then for each row the number of its fields and each field behind its length (−1 for NULL),
/// then a row count of −1 (PostgreSQL documentation, "COPY", "Binary Format"). Field types must be exactly the columns'.
struct CopyRows {
    private(set) var bytes: [UInt8]
    private let fields: Int16

    /// No rows yet, each of which will have so many fields.
    init(fields: Int) {
        self.fields = Int16(fields)
        bytes = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00] + [UInt8](repeating: 0, count: 8)
    }

    /// Takes what was written so far, leaving nothing.
    mutating func take() -> [UInt8] {
        let taken = bytes
        bytes.removeAll(keepingCapacity: true)
        return taken
    }

    mutating func beginRow() { put(fields) }
    mutating func end() { put(Int16(-1)) }

    mutating func text(_ text: String?) {
        guard let text else { return put(Int32(-1)) }
        put(Int32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func bigint(_ number: Int64) {
        put(Int32(8))
        put(number)
    }

    mutating func integer(_ number: Int) {
        put(Int32(4))
        put(Int32(number))
    }

    mutating func boolean(_ isTrue: Bool) {
        put(Int32(1))
        bytes.append(isTrue ? 1 : 0)
    }

    mutating func float8(_ number: Double?) {
        guard let number else { return put(Int32(-1)) }
        put(Int32(8))
        put(number.bitPattern)
    }

    /// A `date`: days since 2000-01-01.
    mutating func date(_ date: CivilDate) { integer(date.daysSinceEpoch - 10_957) }

    /// A `timestamp`, the local start of a bucket: microseconds since 2000-01-01.
    mutating func timestamp(_ bucket: Bucket) {
        let hours = Int64(bucket.firstDay.daysSinceEpoch - 10_957) * 24 + Int64(bucket.hour)
        bigint(hours * 3_600_000_000)
    }

    mutating func array(_ numbers: [Double]) {
        // Dimensions, no nulls, `float8`, then the one dimension's length and lower bound.
        guard beginArray(count: numbers.count, elementType: 701, length: numbers.count * 12) else { return }
        bytes.reserveCapacity(bytes.count + numbers.count * 12)
        for number in numbers {
            put(Int32(8))
            put(number.bitPattern)
        }
    }

    mutating func array(_ texts: [String]) {
        let length = texts.reduce(0) { $0 + 4 + $1.utf8.count }
        guard beginArray(count: texts.count, elementType: 25, length: length) else { return }
        for item in texts { text(item) }
    }

    private mutating func beginArray(count: Int, elementType: Int32, length: Int) -> Bool {
        put(Int32(count == 0 ? 12 : 20 + length))
        put(Int32(count == 0 ? 0 : 1))
        put(Int32(0))
        put(elementType)
        if count == 0 { return false }
        put(Int32(count))
        put(Int32(1))
        return true
    }

    private mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}

extension CopyRows {
    /// Item, site and customer, three fields.
    mutating func key(_ key: SeriesKey) {
        text(key.item)
        text(key.site)
        text(key.customer)
    }
}

extension Connection {
    /// Copies a row for each element into a table, about a megabyte at a time.
    ///
    /// `columns` are those of the table, in the order in which `encode` writes them.
    nonisolated(nonsending) func copy<Element: Sendable>(
        _ elements: [Element], into table: String, _ columns: [String],
        encode: (inout CopyRows, Element) throws -> Void
    ) async throws {
        var next = 0
        var isEnded = false
        var rows = CopyRows(fields: columns.count)
        _ = try await copyIn("COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)") {
            while next < elements.count && rows.bytes.count < 1 << 20 {
                rows.beginRow()
                try encode(&rows, elements[next])
                next += 1
            }
            if next == elements.count {
                if isEnded { return nil }
                rows.end()
                isEnded = true
            }
            return rows.take()
        }
    }
}
