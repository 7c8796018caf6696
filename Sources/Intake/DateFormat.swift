/// A date and time as some system writes them, such as `yyyy-MM-dd HH:mm:ss` or `d.M.yyyy`.
///
/// `yyyy`, `MM`, `dd`, `HH`, `mm`, `ss` take exactly that many digits; `M`, `d`, `H` one or two; everything else must
/// stand as it is.
public struct DateFormat: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case year, month(Int), day(Int), hour(Int), minute, second
        case literal(UInt8)
    }

    /// The format as written.
    public let pattern: String
    private let parts: [Part]

    /// A format; `nil` where it lacks year, month or day.
    public init?(_ pattern: String) {
        self.pattern = pattern
        var parts: [Part] = []
        let bytes = Array(pattern.utf8)
        var index = 0
        while index < bytes.count {
            var run = 1
            while index + run < bytes.count && bytes[index + run] == bytes[index] { run += 1 }
            switch (bytes[index], run) {
            case (UInt8(ascii: "y"), 4): parts.append(.year)
            case (UInt8(ascii: "M"), 1...2): parts.append(.month(run))
            case (UInt8(ascii: "d"), 1...2): parts.append(.day(run))
            case (UInt8(ascii: "H"), 1...2): parts.append(.hour(run))
            case (UInt8(ascii: "m"), 2): parts.append(.minute)
            case (UInt8(ascii: "s"), 2): parts.append(.second)
            case (let byte, _):
                let isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
                if isLetter && byte != UInt8(ascii: "T") { return nil }
                for _ in 0..<run { parts.append(.literal(byte)) }
            }
            index += run
        }
        self.parts = parts
        guard parts.contains(.year), parts.contains(.month(1)) || parts.contains(.month(2)),
            parts.contains(.day(1)) || parts.contains(.day(2))
        else { return nil }
    }

    /// Reads the whole of a text; `nil` where it does not fit.
    func read(_ text: ArraySlice<UInt8>) -> CivilTime? {
        var time = CivilTime()
        var index = text.startIndex
        func number(_ least: Int, _ most: Int) -> Int? {
            var value = 0
            var digits = 0
            while index < text.endIndex, digits < most, text[index] >= 0x30, text[index] <= 0x39 {
                value = value * 10 + Int(text[index] - 0x30)
                digits += 1
                index += 1
            }
            return digits >= least ? value : nil
        }
        for part in parts {
            switch part {
            case .year:
                guard let value = number(4, 4) else { return nil }
                time.year = value
            case .month(let width):
                guard let value = number(width, 2) else { return nil }
                time.month = value
            case .day(let width):
                guard let value = number(width, 2) else { return nil }
                time.day = value
            case .hour(let width):
                guard let value = number(width, 2) else { return nil }
                time.hour = value
                time.hasTime = true
            case .minute:
                guard let value = number(2, 2) else { return nil }
                time.minute = value
            case .second:
                guard let value = number(2, 2) else { return nil }
                time.second = value
            case .literal(let byte):
                guard index < text.endIndex, text[index] == byte else { return nil }
                index += 1
            }
        }
        return index == text.endIndex && time.isValid ? time : nil
    }
}
