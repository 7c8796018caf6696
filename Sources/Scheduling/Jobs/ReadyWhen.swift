extension JobDefinition {
    /// What data a tick waits for, and until when at most.
    public struct ReadyWhen: Sendable, Hashable, Codable {
        /// The day that demand must have come in for: `today`, `yesterday`, or so many days before the tick, such as
        /// `-2d`; in the job's zone.
        public var dataThrough: String
        /// Rows that day must have, as a share of the usual: the median of the same weekday in the eight weeks before.
        /// `nil` where one row is enough.
        public var minimumRowsShare: Double?
        /// When the tick fires in any case: a local time such as `05:30`, or a length of time after the tick.
        public var deadline: String

        enum CodingKeys: String, CodingKey, CaseIterable {
            case dataThrough = "data_through"
            case minimumRowsShare = "minimum_rows_share"
            case deadline
        }

        /// A tick that waits for a day of data.
        public init(dataThrough: String = "yesterday", minimumRowsShare: Double? = nil, deadline: String) {
            self.dataThrough = dataThrough
            self.minimumRowsShare = minimumRowsShare
            self.deadline = deadline
        }

        /// Reads one; only the deadline must stand.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                dataThrough: try values.decodeIfPresent(String.self, forKey: .dataThrough) ?? "yesterday",
                minimumRowsShare: try values.decodeIfPresent(Double.self, forKey: .minimumRowsShare),
                deadline: try values.decode(String.self, forKey: .deadline))
        }

        /// The day that a tick waits for, in days since 1970-01-01; `nil` where ``dataThrough`` says none.
        public func day(of tick: Int, _ schedule: Schedule) -> Int? {
            daysBack.map { floorDivide(schedule.local(tick), 86_400) - $0 }
        }

        /// The instant at which a tick fires in any case; `nil` where ``deadline`` says none.
        ///
        /// A time of day means the first such time after the tick.
        public func deadline(of tick: Int, _ schedule: Schedule) -> Int? {
            Deadline.instant(deadline, of: tick, schedule)
        }

        /// Why it cannot be used; `nil` where it can.
        var mistake: String? {
            if daysBack == nil {
                return "ready_when: data_through is '\(dataThrough)'; take today, yesterday, or days back such as -2d."
            }
            if let reason = Deadline.mistake(deadline, in: "ready_when: deadline") { return reason }
            if let share = minimumRowsShare, !(0...1).contains(share) {
                return "ready_when: minimum_rows_share is \(share); it lies between 0 and 1."
            }
            return nil
        }

        private var daysBack: Int? {
            switch dataThrough {
            case "today": return 0
            case "yesterday": return 1
            default:
                guard dataThrough.hasPrefix("-"), dataThrough.hasSuffix("d") else { return nil }
                return CronField.digits(dataThrough.dropFirst().dropLast()).flatMap { $0 <= 31 ? $0 : nil }
            }
        }
    }
}
