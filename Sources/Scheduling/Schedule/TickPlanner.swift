/// Decides what becomes of the ticks of one job that have come due.
///
/// Pure: the same schedule, span and policies give the same plan, whichever daemon asks.
public struct TickPlanner: Sendable {
    /// What becomes of one tick, or of several that are skipped for one reason.
    public struct Decision: Sendable, Hashable {
        /// The due instant, in seconds since 1970; of several, the first.
        public var fireAt: Int
        /// Why it is skipped; `nil` enqueues a run.
        public var skipReason: String?
        /// How many ticks it stands for: more than one only where a long absence is summed up.
        public var count: Int

        /// A decision about one tick, or about `count` of them.
        package init(fireAt: Int, skipReason: String?, count: Int = 1) {
            self.fireAt = fireAt
            self.skipReason = skipReason
            self.count = count
        }
    }

    /// What is to be done.
    public struct Plan: Sendable, Hashable {
        /// Each tick that has come due, ascending.
        public var decisions: [Decision] = []
        /// Whether the runs that wait or go on are to be cancelled first.
        public var cancelsRunsBefore = false
        /// The oldest tick that neither a pause nor a day off skips; ticks that wait for data wait from then on.
        public var oldest: Int?

        /// Nothing to do.
        package init() {}

        /// The last tick that fires; `nil` where none does.
        public var lastFiring: Int? { decisions.last { $0.skipReason == nil }?.fireAt }

        /// Skips for a reason what would have fired.
        public mutating func skipRest(_ reason: String) {
            for place in decisions.indices where decisions[place].skipReason == nil {
                decisions[place].skipReason = reason
            }
            cancelsRunsBefore = false
        }
    }

    /// The runs of the job that are not over.
    public struct OpenRuns: Sendable, Hashable {
        /// Those that have not begun.
        public var waiting: Int
        /// Those that have, between two attempts or in one.
        public var begun: Int

        /// So many of each.
        public init(waiting: Int, begun: Int) {
            self.waiting = waiting
            self.begun = begun
        }
    }

    /// A time in which the job was paused, in seconds since 1970.
    public struct Pause: Sendable, Hashable {
        /// When it began.
        public var start: Double
        /// When it ended; `nil` where it goes on.
        public var end: Double?
        /// Who paused it.
        public var by: String

        /// A pause.
        public init(start: Double, end: Double?, by: String) {
            self.start = start
            self.end = end
            self.by = by
        }
    }

    /// A tick found no later than this many seconds after its time is on time for `misfire: skip`.
    static let punctuality = 60
    /// Of the ticks skipped at once, as many are listed one by one, the newest; the others share one row.
    static let listed = 1000

    /// Decides the ticks after `considered`, up to and with `now`.
    ///
    /// Of several that are due at once, `coalesce` and `skip` fire the last, `catch_up` the last few. The overlap policy
    /// is asked once, about the runs there were before: those that catch up do not stand in each other's way.
    public static func decide(
        _ definition: JobDefinition, schedule: Schedule, considered: Int, now: Int, pauses: [Pause], open runs: OpenRuns
    ) -> Plan {
        var plan = Plan()
        let due = Due(schedule, after: considered, through: now)
        let paused = due.instants.map { instant in pauses.first { $0.covers(instant) } }
        let daysOff = due.instants.map(schedule.dayOff)
        let open = due.instants.indices.filter { paused[$0] == nil && daysOff[$0] == nil }
        plan.oldest = open.first.map { due.instants[$0] }
        let firing = Set(open.suffix(definition.misfire.runsAtOnce).map { due.instants[$0] })
        let overlap = overlapReason(definition.overlap, runs)

        plan.decisions = due.summary(
            "missed: no daemon looked, and too many later ticks came due before one did")
        for (place, instant) in due.instants.enumerated() {
            let reason: String? =
                if let pause = paused[place] {
                    "paused by \(pause.by)"
                } else if let name = daysOff[place] {
                    "no working day: \(name)"
                } else if !firing.contains(instant) {
                    definition.misfire.reasonForOlder
                } else if definition.misfire == .skip,
                    now - (definition.waitsUntil(instant, schedule) ?? instant) > punctuality
                {
                    "missed: no daemon looked within \(punctuality) s, and misfire is skip"
                } else {
                    overlap
                }
            plan.decisions.append(Decision(fireAt: instant, skipReason: reason))
        }
        plan.cancelsRunsBefore =
            definition.overlap == .cancelRunning && runs.waiting + runs.begun > 0
            && plan.decisions.contains { $0.skipReason == nil }
        return plan
    }

    /// Skips every tick after `considered`, up to and with `now`, for one reason.
    public static func skipAll(
        _ schedule: Schedule, considered: Int, now: Int, reason: String
    ) -> [Decision] {
        let due = Due(schedule, after: considered, through: now)
        return due.summary(reason) + due.instants.map { Decision(fireAt: $0, skipReason: reason) }
    }

    private static func overlapReason(_ overlap: JobDefinition.Overlap, _ open: OpenRuns) -> String? {
        switch overlap {
        case .allow, .cancelRunning: nil
        case .skip:
            open.waiting + open.begun > 0 ? "overlap: the run before is not over" : nil
        case .queueOne:
            open.waiting > 0 ? "overlap: a run waits already" : nil
        }
    }

    /// The ticks of a span: the newest one by one, and how many came before them.
    private struct Due {
        var instants: [Int]
        var earlier: Int
        var first: Int?

        init(_ schedule: Schedule, after considered: Int, through now: Int) {
            instants = schedule.latest(listed, after: considered, through: now)
            // Fewer than the limit are all there are, and nothing needs counting.
            earlier =
                instants.count < listed
                ? 0 : schedule.count(after: considered, through: now) - instants.count
            first = earlier > 0 ? schedule.next(after: considered) : nil
        }

        func summary(_ reason: String) -> [Decision] {
            guard earlier > 0, let first else { return [] }
            return [Decision(fireAt: first, skipReason: "\(reason) (\(earlier) ticks from here on)", count: earlier)]
        }
    }
}

extension TickPlanner.Pause {
    /// Whether a tick came due in it; one that did at the very instant it began was due before.
    fileprivate func covers(_ instant: Int) -> Bool {
        Double(instant) > start && Double(instant) <= end ?? .infinity
    }
}

extension JobDefinition.Misfire {
    /// How many of the ticks that are due at once fire.
    fileprivate var runsAtOnce: Int {
        switch self {
        case .coalesce, .skip: 1
        case .catchUp(let runs): runs
        }
    }

    fileprivate var reasonForOlder: String {
        switch self {
        case .coalesce, .skip: "missed: a later tick was due as well when a daemon looked"
        case .catchUp(let runs): "missed: misfire catches up with the last \(runs) only"
        }
    }
}
