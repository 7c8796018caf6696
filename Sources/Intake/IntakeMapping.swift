/// How a file of another layout becomes records of Suyo's.
public struct IntakeMapping: Sendable {
    /// When a rule applies.
    public struct Condition: Sendable {
        /// One way to look at a value.
        public enum Test: Sendable {
            case startsWith([UInt8])
            case endsWith([UInt8])
            case oneOf(Set<[UInt8]>)
            case lessThan(Double)
            case greaterThan(Double)
            case isEmpty(Bool)
            case startsWithLetter(Bool)
        }

        /// Name of the file's column.
        public var column: String
        /// What its value must be; all of them.
        public var tests: [Test]
    }

    /// What happens to records that meet its conditions, all of them.
    public struct Rule: Sendable {
        /// The conditions.
        public var conditions: [Condition]
        /// Fixed values for columns of Suyo's.
        public var set: [String: String]
        /// Reason to reject the record; `nil` takes it.
        public var reject: String?
    }

    /// What the file holds.
    public var kind: IntakeKind
    /// Name of the system it comes from.
    public var source: String
    /// Name of its encoding.
    public var encoding = "utf-8"
    /// The byte between fields; `nil` finds it in the header.
    public var delimiter: UInt8?
    /// The decimal mark.
    public var decimal: UInt8 = 0x2e
    /// The mark between thousands, skipped in numbers; `nil` where there is none.
    public var thousands: UInt8?
    /// Zone of instants without an offset; `nil` means the site's own.
    public var timeZone: String?
    /// Formats of dates, tried in order; empty means ISO 8601.
    public var dateFormats: [DateFormat] = []
    /// The file's column for each of Suyo's.
    public var columns: [String: String] = [:]
    /// Fixed values for columns of Suyo's.
    public var constants: [String: String] = [:]
    /// Columns of Suyo's to put in upper case.
    public var upperCase: Set<String> = []
    /// The first rule that applies decides.
    public var rules: [Rule] = []
}
