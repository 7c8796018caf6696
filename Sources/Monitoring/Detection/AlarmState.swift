#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// When evidence becomes an alarm, and when an alarm is over.
///
/// An alarm needs evidence beyond the budget on two of three judged buckets; it ends after seven on which there was not
/// even a sign, and another one is not raised within two weeks of that.
public struct AlarmState: Sendable, Hashable {
    /// What a bucket did to the alarm.
    public enum Step: Sendable, Hashable {
        case quiet
        case raised
        case standing
        case ended
    }

    /// Whether an alarm stands.
    public private(set) var isRaised = false
    private var hot: UInt8 = 0
    private var cool = 0
    private var rest = 0

    /// False alarms per series-year that single series may raise, in all; the measured rates stay below it.
    public static let budget = 0.7
    private static let threshold = -log(budget)
    /// Evidence below this is no sign: it comes about more than four times a year.
    private static let sign = -log(4.0)
    private static let quietBuckets = 7
    private static let restBuckets = 14

    init() {}

    /// A bucket that was not judged changes nothing.
    func pass() -> Step { isRaised ? .standing : .quiet }

    mutating func step(_ evidence: Double) -> Step { step(evidence, isHot: evidence >= AlarmState.threshold) }

    /// The same with a rule of another's for what is evidence enough.
    public mutating func step(_ evidence: Double, isHot: Bool) -> Step {
        hot = (hot << 1 | (isHot ? 1 : 0)) & 0b111
        if isRaised {
            cool = evidence < AlarmState.sign ? cool + 1 : 0
            guard cool >= AlarmState.quietBuckets else { return .standing }
            isRaised = false
            rest = AlarmState.restBuckets
            return .ended
        }
        if rest > 0 {
            rest -= 1
            return .quiet
        }
        guard hot & 1 == 1, hot.nonzeroBitCount >= 2 else { return .quiet }
        isRaised = true
        cool = 0
        return .raised
    }

    func encode(into numbers: inout [Double]) {
        numbers += [isRaised ? 1 : 0, Double(hot), Double(cool), Double(rest)]
    }

    init(_ reader: inout NumberReader) throws {
        isRaised = try reader.next() == 1
        hot = UInt8(try reader.count(below: 8))
        cool = try reader.count(below: 1 << 20)
        rest = try reader.count(below: 1 << 20)
    }
}
