/// A length of time as people write it: `90s`, `15m`, `2h`, `1d`, or several such as `1h30m`.
public enum TimeSpan {
    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    /// What is said of a text that is none.
    static let form = "a length of time is written such as 90s, 15m, 2h, 1d or 1h30m"

    /// Seconds; `nil` where the text is no length of time from nothing to ten years.
    public static func seconds(_ text: String) -> Int? {
        var total = 0
        var number: Int?
        for character in text {
            if let digit = character.wholeNumberValue, character.isASCII {
                number = (number ?? 0) * 10 + digit
            } else if let unit = units[character], let count = number {
                total += count * unit
                number = nil
            } else {
                return nil
            }
            guard max(total, number ?? 0) <= 3660 * 86_400 else { return nil }
        }
        return text.isEmpty || number != nil ? nil : total
    }
}
