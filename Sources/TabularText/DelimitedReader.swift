/// One record of a delimited file: its fields in UTF-8, in storage that the reader uses again for the next one.
public struct DelimitedRecord: Sendable {
    /// Line of the file on which the record starts, from 1.
    public internal(set) var line = 0
    /// Why the record cannot be used as it is; `nil` where it can.
    public internal(set) var problem: String?
    var bytes: [UInt8] = []
    var ends: [Int] = []

    /// An empty record.
    public init() {}

    /// How many fields it has.
    public var fieldCount: Int { ends.count }

    /// The bytes of a field, quotes removed.
    public func field(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// A field as text.
    public func text(_ index: Int) -> String { String(decoding: field(index), as: UTF8.self) }

    /// Hands every byte and every field's end to `body`, for a hash of the content.
    public func withContent(_ body: (_ bytes: borrowing Span<UInt8>, _ ends: [Int]) -> Void) { body(bytes.span, ends) }

    mutating func reset(line: Int) {
        self.line = line
        problem = nil
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}

/// Reads a delimited file record by record (RFC 4180, and what people send besides).
///
/// Quoted fields may hold delimiters, doubled quotes and line ends; lines may end in LF, CRLF or CR; a byte order mark
/// is skipped; blank lines are counted and skipped. The delimiter is found in the header where it is not given. A
/// record that cannot be used carries its `problem`; the next one is read all the same.
public struct DelimitedReader {
    /// The names in the header line.
    public private(set) var header: [String] = []
    /// Blank lines skipped so far.
    public private(set) var blankLines = 0
    /// The byte between fields.
    public private(set) var delimiter: UInt8 = 0x2c

    private let source: ByteSource
    private let decoder: TextDecoder?
    private var buffer: [UInt8] = []
    private var position = 0
    private var line = 1
    private var isFinished = false
    /// A record longer than this is refused, so that a lost quote cannot swallow a file into memory.
    private let recordLimit = 1 << 20

    /// Opens a file and reads its header.
    ///
    /// - Parameters:
    ///   - path: the file, or `-` for standard input.
    ///   - delimiter: `nil` takes the one of `,` `;` tab `|` that stands most often in the header.
    public init(path: String, encoding: TextEncoding = .utf8, delimiter: UInt8? = nil) throws {
        try self.init(try ByteSource(path: path), encoding: encoding, delimiter: delimiter)
    }

    /// Reads the header of an open file; the rest as above.
    public init(_ source: ByteSource, encoding: TextEncoding = .utf8, delimiter: UInt8? = nil) throws {
        self.source = source
        decoder = encoding == .utf8 ? nil : try TextDecoder(encoding)
        try more()
        if buffer.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        self.delimiter = delimiter ?? DelimitedReader.likeliestDelimiter(in: buffer[position...])
        var record = DelimitedRecord()
        guard try next(into: &record) else { throw TabularError.empty(path: source.path) }
        header = (0..<record.fieldCount).map { trimmed(record.text($0)) }
    }

    /// Share of the file read so far, 0 to 1; `nil` where its size is not known.
    public var fractionRead: Double? {
        source.fileSize.map { $0 == 0 ? 1 : min(1, Double(source.bytesRead) / Double($0)) }
    }

    /// Reads the next record into `record`; `false` at the end.
    public mutating func next(into record: inout DelimitedRecord) throws -> Bool {
        while true {
            guard try ensure() else { return false }
            let byte = buffer[position]
            guard byte == 0x0a || byte == 0x0d else { break }
            try skipLineEnd()
            if !header.isEmpty { blankLines += 1 }
        }
        record.reset(line: line)
        var hasNul = false
        while true {
            // At the start of a field.
            if try ensure(), buffer[position] == 0x22 {
                position += 1
                guard try readQuoted(into: &record) else { return true }
            }
            var ended = false
            scan: while true {
                guard try ensure() else {
                    ended = true
                    break scan
                }
                // The hot loop: copy up to the next byte that means something.
                let start = position
                var end = start
                let count = buffer.count
                let delimiter = delimiter
                while end < count {
                    let byte = buffer[end]
                    if byte == delimiter || byte == 0x0a || byte == 0x0d { break }
                    if byte == 0 { hasNul = true }
                    end += 1
                }
                record.bytes.append(contentsOf: buffer[start..<end])
                position = end
                if record.bytes.count > recordLimit {
                    try refuse(&record, "the record is longer than 1 MiB: look for a missing line end or quote")
                    return true
                }
                guard end < count else { continue }
                if buffer[end] == delimiter {
                    position += 1
                } else {
                    try skipLineEnd()
                    ended = true
                }
                break
            }
            record.ends.append(record.bytes.count)
            if ended { break }
        }
        if hasNul { record.problem = "the record holds a NUL byte" }
        if !header.isEmpty && record.fieldCount != header.count {
            record.problem = "the record has \(record.fieldCount) fields where the header has \(header.count)"
        }
        if record.problem == nil, !isValidUTF8(record.bytes) {
            record.problem = "the record is not valid text: say which encoding the file has (utf-8, cp949, euc-kr)"
        }
        return true
    }

    /// Reads the rest of a quoted field; `false` where the file ends in it.
    private mutating func readQuoted(into record: inout DelimitedRecord) throws -> Bool {
        let startLine = line
        while true {
            guard try ensure() else {
                record.ends.append(record.bytes.count)
                record.problem = "the quote that opens on line \(startLine) is never closed"
                return false
            }
            let byte = buffer[position]
            position += 1
            if byte == 0x22 {
                if try ensure(), buffer[position] == 0x22 {
                    record.bytes.append(0x22)
                    position += 1
                    continue
                }
                return true
            }
            if byte == 0x0a { line += 1 }
            record.bytes.append(byte)
            if record.bytes.count > recordLimit {
                try refuse(&record, "the quote that opens on line \(startLine) is not closed within 1 MiB")
                return false
            }
        }
    }

    /// Marks the record as unusable and goes on at the next line.
    private mutating func refuse(_ record: inout DelimitedRecord, _ problem: String) throws {
        record.bytes.removeLast(record.bytes.count - 200)
        record.ends = [record.bytes.count]
        record.problem = problem
        while try ensure() {
            if buffer[position] == 0x0a || buffer[position] == 0x0d {
                try skipLineEnd()
                return
            }
            position += 1
        }
    }

    private mutating func skipLineEnd() throws {
        let byte = buffer[position]
        position += 1
        line += 1
        if byte == 0x0d, try ensure(), buffer[position] == 0x0a { position += 1 }
    }

    /// Whether there is a byte at `position`, reading more where needed.
    private mutating func ensure() throws -> Bool {
        while position >= buffer.count {
            if isFinished { return false }
            try more()
        }
        return true
    }

    private mutating func more() throws {
        let bytes = try source.next()
        isFinished = bytes.isEmpty
        buffer = decoder?.decode(bytes, isLast: isFinished) ?? bytes
        position = 0
    }

    private static func likeliestDelimiter(in start: ArraySlice<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [0x2c: 0, 0x3b: 0, 0x09: 0, 0x7c: 0]
        var isQuoted = false
        for byte in start {
            if byte == 0x22 { isQuoted.toggle() }
            if !isQuoted && (byte == 0x0a || byte == 0x0d) { break }
            if !isQuoted, let count = counts[byte] { counts[byte] = count + 1 }
        }
        // In this order where two stand equally often.
        return [0x2c, 0x3b, 0x09, 0x7c].max { counts[$0, default: 0] < counts[$1, default: 0] } ?? 0x2c
    }
}

/// Whether bytes are well-formed UTF-8 (Unicode 15, table 3-7).
func isValidUTF8(_ bytes: [UInt8]) -> Bool {
    var index = 0
    let count = bytes.count
    while index < count {
        let first = bytes[index]
        if first < 0x80 {
            index += 1
            continue
        }
        let length = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0
        guard length > 0, index + length < count else { return false }
        let second = bytes[index + 1]
        let lowest: UInt8 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80
        let highest: UInt8 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf
        guard second >= lowest, second <= highest else { return false }
        for offset in 1..<length where bytes[index + 1 + offset] & 0xc0 != 0x80 { return false }
        index += length + 1
    }
    return true
}

func trimmed(_ text: String) -> String {
    var slice = text[...]
    while let first = slice.first, first == " " || first == "\t" { slice.removeFirst() }
    while let last = slice.last, last == " " || last == "\t" { slice.removeLast() }
    return String(slice)
}
