/// Reads a stored state number by number.
struct NumberReader {
    private let numbers: [Double]
    private var place = 0

    init(_ numbers: [Double]) { self.numbers = numbers }

    mutating func next() throws -> Double {
        guard place < numbers.count else { throw MonitoringError.brokenState }
        place += 1
        return numbers[place - 1]
    }

    mutating func next(_ count: Int) throws -> [Double] {
        guard count >= 0, place + count <= numbers.count else { throw MonitoringError.brokenState }
        place += count
        return Array(numbers[place - count..<place])
    }

    /// A whole number in 0 ..< `limit`.
    mutating func count(below limit: Int) throws -> Int {
        guard let number = Int(exactly: try next()), (0..<limit).contains(number) else {
            throw MonitoringError.brokenState
        }
        return number
    }

    /// Throws unless everything was read.
    func finish() throws { if place != numbers.count { throw MonitoringError.brokenState } }
}

/// Why a series cannot be monitored from its stored state.
public enum MonitoringError: Error, Sendable, CustomStringConvertible {
    /// The stored numbers are not those that this version of the code writes.
    case brokenState

    /// One sentence: what and what to do.
    public var description: String {
        "A stored drift state is not one this suyo can read: let the next check take a new reference."
    }
}
