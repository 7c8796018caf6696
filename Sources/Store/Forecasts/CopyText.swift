/// Rows in PostgreSQL's COPY text format: fields parted by tabs, `\N` for NULL.
struct CopyText {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true

    /// Takes what was written so far, leaving nothing.
    mutating func take() -> [UInt8] {
        let taken = bytes
        bytes.removeAll(keepingCapacity: true)
        return taken
    }

    mutating func append(_ text: String?) {
        separate()
        guard let text else {
            bytes.append(contentsOf: [0x5c, 0x4e])
            return
        }
        escape(text.utf8)
    }

    mutating func append(_ number: Int64) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
    }

    mutating func append(_ numbers: [Double]) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        for (place, number) in numbers.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            if number.isNaN {
                bytes.append(contentsOf: "NaN".utf8)
            } else if number.magnitude < 1e15, number == number.rounded(), number.sign == .plus || number != 0 {
                // Whole numbers are most of demand, and are far faster to write than the shortest decimal.
                bytes.append(contentsOf: String(Int64(number)).utf8)
            } else {
                bytes.append(contentsOf: "\(number)".utf8)
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    mutating func append(_ texts: [String]) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        for (place, text) in texts.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            var quoted: [UInt8] = [UInt8(ascii: "\"")]
            for byte in text.utf8 {
                if byte == UInt8(ascii: "\"") || byte == 0x5c { quoted.append(0x5c) }
                quoted.append(byte)
            }
            quoted.append(UInt8(ascii: "\""))
            escape(quoted)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    mutating func endRow() {
        bytes.append(0x0a)
        isFirst = true
    }

    private mutating func separate() {
        if !isFirst { bytes.append(0x09) }
        isFirst = false
    }

    private mutating func escape(_ text: some Sequence<UInt8>) {
        for byte in text {
            switch byte {
            case 0x5c: bytes.append(contentsOf: [0x5c, 0x5c])
            case 0x09: bytes.append(contentsOf: [0x5c, 0x74])
            case 0x0a: bytes.append(contentsOf: [0x5c, 0x6e])
            case 0x0d: bytes.append(contentsOf: [0x5c, 0x72])
            default: bytes.append(byte)
            }
        }
    }
}
