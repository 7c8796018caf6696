extension JobDefinition {
    /// Which other jobs a tick waits for, and until when at most.
    ///
    /// It waits for the last tick that each of them had since the tick before, or, of one that only people run, for a run
    /// since then: until a run of that tick, or a later one, has completed. One that had no tick is not waited for.
    public struct After: Sendable, Hashable, Codable {
        /// What becomes of a tick that has waited in vain.
        public enum Otherwise: String, Sendable, Codable, CaseIterable {
            /// It is skipped.
            case skip
            /// It fires.
            case run
        }

        /// Names of the jobs.
        public var jobs: [String]
        /// Until when it waits: a local time such as `05:30`, or a length of time after the tick.
        public var deadline: String
        /// What becomes of it then.
        public var otherwise: Otherwise

        enum CodingKeys: String, CodingKey, CaseIterable {
            case jobs, deadline, otherwise
        }

        /// A tick that waits for other jobs.
        public init(jobs: [String], deadline: String = "6h", otherwise: Otherwise = .skip) {
            self.jobs = jobs
            self.deadline = deadline
            self.otherwise = otherwise
        }

        /// Reads one, or a mere list of jobs.
        public init(from decoder: any Decoder) throws {
            if let jobs = try? decoder.singleValueContainer().decode([String].self) {
                self.init(jobs: jobs)
                return
            }
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.init(jobs: try values.decode([String].self, forKey: .jobs))
            deadline = try values.decodeIfPresent(String.self, forKey: .deadline) ?? deadline
            otherwise = try values.decodeIfPresent(Otherwise.self, forKey: .otherwise) ?? otherwise
        }

        /// The instant until which a tick waits; `nil` where ``deadline`` says none.
        public func deadline(of tick: Int, _ schedule: Schedule) -> Int? {
            Deadline.instant(deadline, of: tick, schedule)
        }

        /// Why it cannot be used by the job of that name; `nil` where it can.
        func mistake(in job: String) -> String? {
            if jobs.isEmpty { return "after names no job." }
            if jobs.contains(job) { return "after names the job itself." }
            return Deadline.mistake(deadline, in: "after: deadline")
        }
    }
}
