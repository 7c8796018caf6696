import Scheduling
import Testing

@Suite struct TickPlannerTests {
    private let now = 1_800_000_000  // 2027-01-15 08:00:00 UTC, a minute's start

    private func plan(
        _ change: (inout JobDefinition) -> Void = { _ in }, minutesMissed: Int, lateness: Int = 0,
        pauses: [TickPlanner.Pause] = [], open: TickPlanner.OpenRuns = .init(waiting: 0, begun: 0)
    ) throws -> TickPlanner.Plan {
        var definition = JobDefinition(name: "job", kind: "test", cron: "* * * * *")
        change(&definition)
        return TickPlanner.decide(
            definition, schedule: try #require(try definition.schedule()), considered: now - 60 * minutesMissed,
            now: now + lateness, pauses: pauses, open: open)
    }

    private func fired(_ plan: TickPlanner.Plan) -> [Int] {
        plan.decisions.filter { $0.skipReason == nil }.map { ($0.fireAt - now) / 60 }
    }

    @Test func nothingIsDueBeforeTheNextTick() throws {
        #expect(try plan(minutesMissed: 0, lateness: 59) == TickPlanner.Plan())
        // Nor where the database's clock was set back.
        #expect(try plan(minutesMissed: -10) == TickPlanner.Plan())
    }

    @Test func oneTickOnTimeFires() throws {
        let plan = try plan(minutesMissed: 1)
        #expect(plan.decisions == [TickPlanner.Decision(fireAt: now, skipReason: nil)])
    }

    @Test func coalesceFiresTheLastOfThemHoweverLate() throws {
        let plan = try plan(minutesMissed: 5, lateness: 59)
        #expect(plan.decisions.map(\.fireAt) == (0..<5).map { now - 240 + $0 * 60 })
        #expect(fired(plan) == [0])
        #expect(plan.decisions[0].skipReason?.hasPrefix("missed: a later tick") == true)
    }

    @Test func catchUpFiresTheLastFew() throws {
        let plan = try plan({ $0.misfire = .catchUp(3) }, minutesMissed: 5)
        #expect(fired(plan) == [-2, -1, 0])
        #expect(plan.decisions.count == 5)
        #expect(plan.decisions[1].skipReason == "missed: misfire catches up with the last 3 only")
    }

    @Test func skipFiresOnlyWhatIsOnTime() throws {
        #expect(try fired(plan({ $0.misfire = .skip }, minutesMissed: 5)) == [0])
        var hourly = JobDefinition(name: "job", kind: "test", cron: "0 * * * *")
        hourly.misfire = .skip
        let schedule = try #require(try hourly.schedule())
        for (lateness, isFired) in [(60, true), (61, false)] {
            let plan = TickPlanner.decide(
                hourly, schedule: schedule, considered: now - 1, now: now + lateness, pauses: [],
                open: .init(waiting: 0, begun: 0))
            #expect(fired(plan) == (isFired ? [0] : []), "\(lateness) s late")
            #expect(plan.decisions.count == 1)
        }
    }

    /// Policy, runs there are, and whether the tick fires and cancels.
    @Test(arguments: [
        (JobDefinition.Overlap.skip, 0, 0, true, false), (.skip, 1, 0, false, false), (.skip, 0, 1, false, false),
        (.queueOne, 0, 0, true, false), (.queueOne, 0, 1, true, false), (.queueOne, 1, 0, false, false),
        (.queueOne, 1, 1, false, false), (.allow, 3, 2, true, false), (.cancelRunning, 0, 0, true, false),
        (.cancelRunning, 0, 1, true, true), (.cancelRunning, 1, 0, true, true),
    ])
    func overlapDecides(
        _ overlap: JobDefinition.Overlap, _ waiting: Int, _ begun: Int, _ fires: Bool, _ cancels: Bool
    ) throws {
        let plan = try plan({ $0.overlap = overlap }, minutesMissed: 1, open: .init(waiting: waiting, begun: begun))
        #expect(fired(plan) == (fires ? [0] : []))
        #expect(plan.cancelsRunsBefore == cancels)
        #expect((plan.decisions[0].skipReason?.hasPrefix("overlap: ") ?? false) != fires)
    }

    @Test func thoseThatCatchUpAreNotInEachOthersWay() throws {
        #expect(try fired(plan({ $0.misfire = .catchUp(4) }, minutesMissed: 4)) == [-3, -2, -1, 0])
        let busy = try plan(
            { $0.misfire = .catchUp(4) }, minutesMissed: 4, open: .init(waiting: 0, begun: 1))
        #expect(fired(busy) == [])
    }

    @Test func ticksInAPauseAreSkippedWithItsName() throws {
        let start = Double(now - 240)
        let pause = TickPlanner.Pause(start: start, end: Double(now - 120) + 0.5, by: "kim")
        let plan = try plan({ $0.misfire = .catchUp(10) }, minutesMissed: 6, pauses: [pause])
        // The one at the instant it began was due before.
        #expect(fired(plan) == [-5, -4, -1, 0])
        #expect(plan.decisions.filter { $0.skipReason == "paused by kim" }.map { ($0.fireAt - now) / 60 } == [-3, -2])
    }

    @Test func aPauseThatGoesOnSkipsEverythingAfterItAndCancelsNothing() throws {
        let pause = TickPlanner.Pause(start: Double(now - 100), end: nil, by: "kim")
        let plan = try plan(
            { $0.overlap = .cancelRunning }, minutesMissed: 1, pauses: [pause], open: .init(waiting: 0, begun: 1))
        #expect(plan.decisions == [TickPlanner.Decision(fireAt: now, skipReason: "paused by kim")])
        #expect(!plan.cancelsRunsBefore)
    }

    @Test func theTickBeforeAPauseFiresLate() throws {
        let pause = TickPlanner.Pause(start: Double(now - 100), end: nil, by: "kim")
        #expect(try fired(plan(minutesMissed: 3, pauses: [pause])) == [-2])
    }

    @Test func aLongAbsenceIsSummedUpAndNoTickVanishes() throws {
        let plan = try plan(minutesMissed: 60 * 24 * 30)
        #expect(plan.decisions.reduce(0) { $0 + $1.count } == 60 * 24 * 30)
        #expect(plan.decisions.count == 1001)
        #expect(plan.decisions[0].fireAt == now - 60 * (60 * 24 * 30 - 1))
        #expect(plan.decisions[0].skipReason?.contains("42200 ticks") == true)
        #expect(plan.decisions.dropFirst().allSatisfy { $0.count == 1 })
        #expect(Set(plan.decisions.map(\.fireAt)).count == 1001)
        #expect(fired(plan) == [0])
    }

    @Test func skippingAllListsEachOnce() throws {
        let schedule = try schedule("*/10 * * * *")
        let decisions = TickPlanner.skipAll(schedule, considered: now - 1800, now: now, reason: "gone")
        #expect(decisions.map(\.fireAt) == [now - 1200, now - 600, now])
        #expect(decisions.allSatisfy { $0.skipReason == "gone" && $0.count == 1 })
    }
}
