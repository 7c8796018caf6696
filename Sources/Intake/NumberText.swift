/// Numbers as systems write them.
struct NumberText {
    var decimal: UInt8 = 0x2e
    var thousands: UInt8?

    /// The largest magnitude taken; beyond it a value is a mistake, not demand.
    static let limit = 1e12

    /// The number a text stands for; `nil` where it is none, or not finite, or beyond the limit.
    func read(_ text: ArraySlice<UInt8>) -> Double? {
        // Most are a few plain digits.
        var value = 0
        var isPlain = text.count <= 15
        for byte in text where isPlain {
            if byte >= 0x30 && byte <= 0x39 { value = value * 10 + Int(byte - 0x30) } else { isPlain = false }
        }
        if isPlain && !text.isEmpty { return value <= Int(NumberText.limit) ? Double(value) : nil }
        var plain: [UInt8] = []
        for byte in text {
            switch byte {
            case decimal: plain.append(0x2e)
            case thousands: continue
            case 0x30...0x39, 0x2b, 0x2d, 0x45, 0x65: plain.append(byte)
            default: return nil
            }
        }
        guard let number = Double(String(decoding: plain, as: UTF8.self)), number.magnitude <= NumberText.limit else {
            return nil
        }
        return number
    }
}
