/// A `y` as it stands in a file.
enum FileNumber {
    /// The number written in `text`; NaN where it is empty or says that it is missing, `nil` where it is no finite number.
    ///
    /// The value is the nearest there is to the decimal, for every number of digits.
    static func value(of text: ArraySlice<UInt8>) -> Double? {
        if let value = short(text) { return value }
        let written = String(decoding: text, as: UTF8.self)
        if text.isEmpty || ["nan", "na", "null"].contains(written.lowercased()) { return .nan }
        // Swift would read 0x10 as sixteen.
        guard let value = Double(written), value.isFinite, !text.contains(where: { $0 | 0x20 == UInt8(ascii: "x") })
        else { return nil }
        return value
    }

    /// A decimal of up to 15 digits without an exponent; `nil` for anything else.
    ///
    /// Such digits and such a power of ten are exact as binary numbers, so that one division, rounded once, gives the
    /// nearest (Clinger, "How to Read Floating Point Numbers Accurately", 1990, section 4).
    private static func short(_ text: ArraySlice<UInt8>) -> Double? {
        var digits = 0
        var count = 0
        var decimals = 0
        var hasPoint = false
        var isNegative = false
        for (place, byte) in zip(text.indices, text) {
            switch byte {
            case 0x30...0x39:
                digits = digits * 10 + Int(byte - 0x30)
                count += 1
                if hasPoint { decimals += 1 }
                if count > 15 { return nil }
            case UInt8(ascii: "."):
                if hasPoint { return nil }
                hasPoint = true
            case UInt8(ascii: "-"):
                if place != text.startIndex { return nil }
                isNegative = true
            default: return nil
            }
        }
        guard count > 0, text.last != UInt8(ascii: ".") else { return nil }
        let value = Double(digits) / powersOfTen[decimals]
        return isNegative ? -value : value
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}
