import Scheduling
import ServiceLifecycleTestKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct DaemonTests {
    private let clock = ManualTime()
    private let log = EventLog()
    private let identity = WorkerIdentity(
        workerID: "00000000-0000-0000-0000-000000000001", host: "here", processID: 1, codeVersion: "test",
        processor: "any",
        kinds: ["test"])

    private func daemon(_ store: MockJobStore, _ handler: MockHandler, concurrency: Int = 1) -> Daemon {
        Daemon(
            store: store, worker: Worker(store: store, handlers: [handler], time: clock.time), identity: identity,
            concurrency: concurrency, time: clock.time, report: log.add)
    }

    @Test func afterASignalTheRunUnderWayFinishesAndNothingIsClaimed() async throws {
        let store = MockJobStore([.test(1), .test(2)])
        let (started, released) = (Gate(), Gate())
        let daemon = daemon(
            store,
            MockHandler { _, _ in
                started.open()
                await released.wait()
                return ("{}", [])
            })
        try await testGracefulShutdown { trigger in
            async let running: Void = daemon.run()
            await started.wait()
            trigger.triggerGracefulShutdown()
            // The time of grace has begun.
            await clock.sleeper(until: .seconds(20))
            released.open()
            try await running
        }
        #expect(store.seen.finished == [.init(runID: 1, end: .completed(result: "{}"), notes: [])])
        #expect(store.seen.waiting.map(\.runID) == [2])
        #expect(log.events.contains(.stopping))
        #expect(log.events.last == .ended(.test(1), .completed(result: "{}")))
    }

    @Test func afterTheTimeOfGraceTheRunIsHandedBack() async throws {
        let store = MockJobStore([.test()])
        let started = Gate()
        let daemon = daemon(
            store,
            MockHandler { _, _ in
                started.open()
                try await untilCancelled()
                return ("{}", [])
            })
        try await testGracefulShutdown { trigger in
            async let running: Void = daemon.run()
            await started.wait()
            trigger.triggerGracefulShutdown()
            await clock.sleeper(until: .seconds(20))
            // It is still alive, and says so.
            for second in [3, 6, 9, 12, 15, 18] { await clock.advance(to: .seconds(second)) }
            #expect(store.seen.finished.isEmpty)
            await clock.advance(to: .seconds(20))
            try await running
        }
        #expect(store.seen.finished.map(\.end) == [.interrupted])
        #expect(store.seen.heartbeats.count >= 2)
    }

    @Test func aCancelledTaskHandsBackAtOnce() async throws {
        let store = MockJobStore([.test(1), .test(2)])
        let started = Gate()
        let daemon = daemon(
            store,
            MockHandler { _, _ in
                started.open()
                try await untilCancelled()
                return ("{}", [])
            })
        let task = Task { try await daemon.run() }
        await started.wait()
        task.cancel()
        try await task.value
        #expect(store.seen.finished.map(\.end) == [.interrupted])
        #expect(store.seen.waiting.map(\.runID) == [2])
        #expect(clock.time.now() == .zero)
    }

    @Test func anIdleDaemonStopsAtOnce() async throws {
        let store = MockJobStore()
        let daemon = daemon(store, MockHandler { _, _ in ("{}", []) })
        try await testGracefulShutdown { trigger in
            async let running: Void = daemon.run()
            await clock.sleeper(until: .seconds(1))
            trigger.triggerGracefulShutdown()
            try await running
        }
        #expect(clock.time.now() == .zero)
        #expect(store.seen.finished.isEmpty)
    }

    @Test func aRunClaimedWhileTheSignalCameIsHandedBack() async throws {
        let (claiming, claimed) = (Gate(), Gate())
        let store = MockJobStore(
            [.test()],
            onClaim: {
                claiming.open()
                await claimed.wait()
            })
        let daemon = daemon(store, MockHandler { _, _ in ("{}", []) })
        try await testGracefulShutdown { trigger in
            async let running: Void = daemon.run()
            await claiming.wait()
            trigger.triggerGracefulShutdown()
            claimed.open()
            try await running
        }
        #expect(store.seen.finished.map(\.end) == [.interrupted])
        #expect(!log.events.contains(.started(.test())))
    }

    @Test func itWorksOnAsManyRunsAtOnceAsItIsTold() async throws {
        let store = MockJobStore((1...3).map { .test($0) })
        let gates = [Gate(), Gate(), Gate()]
        let released = Gate()
        let daemon = daemon(
            store,
            MockHandler { run, _ in
                gates[Int(run.runID) - 1].open()
                await released.wait()
                return ("{}", [])
            }, concurrency: 2)
        let task = Task { try await daemon.run() }
        await gates[0].wait()
        await gates[1].wait()
        #expect(store.seen.waiting.count == 1)
        released.open()
        await gates[2].wait()
        task.cancel()
        try await task.value
        #expect(Set(store.seen.finished.map(\.runID)) == [1, 2, 3])
    }

    @Test func whatFailsIsReportedAndHoldsUpNothingElse() async throws {
        let done = Gate()
        let store = MockJobStore([.test()], onFire: { throw Mishap(description: "connection lost") })
        let daemon = daemon(
            store,
            MockHandler { _, _ in
                done.open()
                return ("{}", [])
            })
        let task = Task { try await daemon.run() }
        await done.wait()
        // Ticks are tried again after two seconds, everything else goes on each second.
        await clock.advance(to: .seconds(1))
        await clock.advance(to: .seconds(2))
        await clock.sleeper(until: .seconds(6))
        task.cancel()
        try await task.value
        #expect(log.events.count { $0 == .trouble("connection lost") } == 2)
        #expect(store.seen.rescues >= 2)
        #expect(store.seen.registered == [identity])
        #expect(store.seen.finished.map(\.end) == [.completed(result: "{}")])
    }

    @Test func aHintWakesAWorkerBeforeItsTime() async throws {
        let (asked, worked) = (Gate(), Gate())
        let store = MockJobStore(onClaim: { asked.open() })
        let hints = MockHints()
        let daemon = Daemon(
            store: store,
            worker: Worker(
                store: store,
                handlers: [
                    MockHandler { _, _ in
                        worked.open()
                        return ("{}", [])
                    }
                ], time: clock.time), identity: identity, hints: hints, time: clock.time, report: log.add)
        let task = Task { try await daemon.run() }
        await asked.wait()
        await hints.listening.wait()
        store.add(.test())
        hints.ring()
        await worked.wait()
        #expect(clock.time.now() == .zero)
        task.cancel()
        try await task.value
        #expect(log.events.contains(.hints(true)))
    }

    @Test func hintsThatDoNotArriveAreTriedAgainLessAndLessOften() async throws {
        let store = MockJobStore()
        let daemon = Daemon(
            store: store, worker: Worker(store: store, handlers: [], time: clock.time), identity: identity,
            hints: DeafHints(), time: clock.time, report: log.add)
        let task = Task { try await daemon.run() }
        await clock.advance(to: .seconds(2))
        await clock.advance(to: .seconds(6))
        await clock.sleeper(until: .seconds(14))
        // Told once.
        #expect(log.events.filter { $0 == .hints(false) }.count == 1)
        task.cancel()
        try await task.value
    }

    @Test func aTickIsFiredToTheMoment() async throws {
        let store = MockJobStore(onNextTick: { 0.25 })
        let daemon = daemon(store, MockHandler { _, _ in ("{}", []) })
        let task = Task { try await daemon.run() }
        await clock.advance(to: .seconds(0.25))
        await clock.sleeper(until: .seconds(0.5))
        task.cancel()
        try await task.value
    }
}

/// Hints that a test gives.
private final class MockHints: RunHints {
    let listening = Gate()
    private let (rings, ringer) = AsyncStream.makeStream(of: Void.self)

    func ring() { ringer.yield() }

    func listen(established: @Sendable () -> Void, hint: @Sendable () -> Void) async throws {
        established()
        listening.open()
        for await _ in rings { hint() }
    }
}

/// Hints through a pooler: none.
private struct DeafHints: RunHints {
    func listen(established: @Sendable () -> Void, hint: @Sendable () -> Void) async throws {
        throw Mishap(description: "no notification arrives")
    }
}

/// What a daemon reported.
private final class EventLog: Sendable {
    private let state = Mutex<[Daemon.Event]>([])
    var events: [Daemon.Event] { state.withLock { $0 } }
    @Sendable func add(_ event: Daemon.Event) { state.withLock { $0.append(event) } }
}
