/// Decides what becomes of the ticks of one job that have come due.
///
/// Pure: the same schedule, span and policies give the same decisions, whichever daemon asks.
public struct TickPlanner: Sendable {
    /// What becomes of one tick.
    public struct Decision: Sendable, Hashable {
        /// The due instant, in seconds since 1970.
        public var fireAt: Int
        /// Why it is skipped; `nil` enqueues a run.
        public var skipReason: String?
    }

    /// More ticks than this in one span are not listed one by one.
    static let limit = 1000

    /// Decides the ticks in (`considered`, `now`]; `activeRuns` is how many runs of the job are waiting or running.
    public static func decide(
        _ definition: JobDefinition, schedule: Schedule, considered: Int, now: Int, activeRuns: Int
    ) -> [Decision] {
        var due: [Int] = []
        var time = considered
        while let next = schedule.next(after: time), next <= now {
            due.append(next)
            time = next
            if due.count > limit { due.removeFirst() }
        }
        guard let last = due.last else { return [] }
        // Half a minute is no outage: a daemon that looks every second was merely busy.
        let isMissed = now - last > 30
        return due.map { fireAt in
            if fireAt != last {
                return Decision(fireAt: fireAt, skipReason: "missed: no daemon ran, a later tick stands for it")
            }
            if isMissed && definition.misfire == .skip {
                return Decision(fireAt: fireAt, skipReason: "missed: no daemon ran")
            }
            let isTooMany =
                switch definition.overlap {
                case .allow: false
                case .skip: activeRuns > 0
                case .queueOne: activeRuns > 1
                }
            return Decision(fireAt: fireAt, skipReason: isTooMany ? "overlap: the run before still goes on" : nil)
        }
    }
}
