/// One field of a cron expression: what its values are called and how far they go.
struct CronField {
    static let second = CronField(name: "second", range: 0...59)
    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let dayOfMonth = CronField(name: "day of month", range: 1...31, extra: ", L, L-3, 15W or LW")
    static let month = CronField(
        name: "month", range: 1...12,
        names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"])
    static let dayOfWeek = CronField(
        name: "day of week", range: 0...7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
        extra: ", 5L or 1#2")

    var name: String
    var range: ClosedRange<Int>
    var names: [String] = []
    /// What else the field takes, for its errors.
    var extra = ""

    /// Seven is Sunday once more, so that whatever goes to the end of the field ends at Saturday.
    private var whole: ClosedRange<Int> { range == 0...7 ? 0...6 : range }

    /// The values of a list such as `1,5-7,*/10`, as bits.
    func values(_ text: Substring) throws(CronExpression.Invalid) -> UInt64 {
        var result: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = pieces.count == 2 ? try step(pieces[1], in: part) : 1
            let span: ClosedRange<Int>
            if pieces[0] == "*" {
                span = whole
            } else {
                let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                let lower = try number(ends[0])
                // A start with a step goes on to the end of the field.
                let upper = ends.count == 2 ? try number(ends[1]) : pieces.count == 2 ? whole.upperBound : lower
                guard lower <= upper || ends.count == 1 else {
                    throw invalid(
                        part,
                        "a range goes upward, so split it in two, such as \(names.isEmpty ? "50-59,0-10" : "\(ends[0]),\(ends[1])")"
                    )
                }
                span = lower...max(lower, upper)
            }
            for value in stride(from: span.lowerBound, through: span.upperBound, by: step) {
                result |= 1 << UInt64(value)
            }
        }
        return result
    }

    /// One value, by number or name.
    func number(_ text: Substring) throws(CronExpression.Invalid) -> Int {
        if let place = names.firstIndex(of: String(text)) { return place + (range.lowerBound == 1 ? 1 : 0) }
        guard let number = CronField.digits(text), range.contains(number) else {
            let choices = names.isEmpty ? "" : ", \(names[0]) to \(names[names.count - 1])"
            throw invalid(text, "it takes \(range.lowerBound) to \(range.upperBound)\(choices)\(extra)")
        }
        return number
    }

    /// A number written in plain digits; `Int` would take a sign as well.
    static func digits(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    private func step(_ text: Substring, in part: Substring) throws(CronExpression.Invalid) -> Int {
        let largest = whole.upperBound - whole.lowerBound
        guard let step = CronField.digits(text), (1...largest).contains(step) else {
            throw invalid(part, "a step is a number from 1 to \(largest)")
        }
        return step
    }

    private func invalid(_ found: Substring, _ reason: String) -> CronExpression.Invalid {
        CronExpression.Invalid(description: "'\(found)' is no \(name): \(reason).")
    }
}
