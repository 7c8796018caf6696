import Scheduling
import Testing

@Suite(.timeLimit(.minutes(10))) struct WorkerTests {
    private let clock = ManualTime()

    private func work(
        _ store: MockJobStore, _ handler: MockHandler, _ run: ClaimedRun = .test()
    ) async throws -> AttemptEnd {
        try await Worker(store: store, handlers: [handler], time: clock.time).work(on: run)
    }

    @Test func aRunThatIsDoneIsRecordedWithItsNotes() async throws {
        let store = MockJobStore()
        let end = try await work(store, MockHandler { run, _ in ("{\"run\":\(run.runID)}", ["one", "two"]) })
        #expect(end == .completed(result: "{\"run\":1}"))
        #expect(store.seen.finished == [.init(runID: 1, end: end, notes: ["one", "two"])])
    }

    @Test(arguments: [FailureClass.database, .data]) func aFailureSaysOfWhichKindItIs(_ kind: FailureClass) async throws
    {
        let store = MockJobStore()
        let end = try await work(
            store, MockHandler(failure: kind) { _, _ in throw Mishap(description: "no demand") })
        #expect(end == .failed(kind, error: "no demand"))
        #expect(store.seen.finished.map(\.end) == [end])
    }

    @Test func aHandlerThatGivesUpUnaskedHasFailed() async throws {
        // Handed back, it would be claimed and given up again for ever.
        let end = try await work(MockJobStore(), MockHandler { _, _ in throw CancellationError() })
        #expect(end == .failed(.transient, error: "CancellationError()"))
    }

    @Test func heartbeatsSayHowFarItIs() async throws {
        let store = MockJobStore()
        let done = Gate()
        async let end = work(
            store,
            MockHandler { _, progress in
                progress(0.25, "a quarter")
                await done.wait()
                return ("{}", [])
            })
        await clock.advance(to: .seconds(3))
        await clock.sleeper(until: .seconds(6))
        #expect(store.seen.heartbeats.count == 1)
        #expect(store.seen.heartbeats[0].percent == 25)
        #expect(store.seen.heartbeats[0].message == "a quarter")
        done.open()
        #expect(try await end == .completed(result: "{}"))
    }

    @Test func aLostLeaseStopsTheAttemptWithoutATrace() async throws {
        let store = MockJobStore(onHeartbeat: { _ in .lost })
        let stopped = Gate()
        async let end = work(
            store,
            MockHandler { _, _ in
                defer { stopped.open() }
                try await untilCancelled()
                return ("{}", [])
            })
        await clock.advance(to: .seconds(3))
        #expect(try await end == .lost)
        await stopped.wait()
        #expect(store.seen.finishCalls == 0)
    }

    @Test func aRunThatWasTakenOverMeanwhileIsLost() async throws {
        let end = try await work(MockJobStore(onFinish: { _ in false }), MockHandler { _, _ in ("{}", []) })
        #expect(end == .lost)
    }

    @Test func aCancelledRunStopsAtItsNextHeartbeat() async throws {
        let store = MockJobStore(onHeartbeat: { $0 < 2 ? .held : .cancelRequested })
        async let end = work(
            store,
            MockHandler { _, _ in
                try await untilCancelled()
                return ("{}", [])
            })
        await clock.advance(to: .seconds(3))
        await clock.advance(to: .seconds(6))
        #expect(try await end == .cancelled)
        #expect(store.seen.finished.map(\.end) == [.cancelled])
    }

    @Test func timeIsUpBetweenHeartbeats() async throws {
        let store = MockJobStore()
        async let end = work(
            store,
            MockHandler { _, _ in
                try await untilCancelled()
                return ("{}", [])
            }, .test(timeoutSeconds: 7))
        for second in [3, 6, 7] { await clock.advance(to: .seconds(second)) }
        let error = "The attempt took longer than its 7.0 s (timeout_seconds) and was ended."
        #expect(try await end == .failed(.timeout, error: error))
        #expect(store.seen.finished.count == 1)
    }

    @Test func theEndIsRecordedBeforeASlowHandlerHasNoticed() async throws {
        let recorded = Gate()
        let store = MockJobStore(
            onHeartbeat: { _ in .cancelRequested },
            onFinish: { _ in
                recorded.open()
                return true
            })
        async let end = work(
            store,
            MockHandler { _, _ in
                // Deaf to cancellation: it goes on until the end has been recorded.
                await recorded.wait()
                return ("{}", [])
            })
        await clock.advance(to: .seconds(3))
        #expect(try await end == .cancelled)
        #expect(store.seen.finished.map(\.end) == [.cancelled])
    }

    @Test func aDatabaseThatIsAwayForAMomentStopsNothing() async throws {
        let store = MockJobStore(onHeartbeat: { number in
            if number <= 8 { throw Mishap(description: "connection lost") }
            return .held
        })
        let done = Gate()
        async let end = work(
            store,
            MockHandler { _, _ in
                await done.wait()
                return ("{}", [])
            })
        // From 3 s to 10 s every second without an answer; the one at 11 s has one, and the lease is good until 23 s.
        for second in 3...11 { await clock.advance(to: .seconds(second)) }
        await clock.advance(to: .seconds(14))
        await clock.sleeper(until: .seconds(17))
        done.open()
        #expect(try await end == .completed(result: "{}"))
    }

    @Test func withoutAnAnswerItStopsBeforeTheLeaseCouldBeTaken() async throws {
        let store = MockJobStore(onHeartbeat: { _ in throw Mishap(description: "connection lost") })
        async let end = work(
            store,
            MockHandler { _, _ in
                try await untilCancelled()
                return ("{}", [])
            })
        for second in 3...12 { await clock.advance(to: .seconds(second)) }
        #expect(try await end == .lost)
        #expect(store.seen.finishCalls == 0)
        #expect(clock.time.now() < .seconds(Lease.seconds))
    }

    @Test func aHeartbeatThatHangsIsNoAnswer() async throws {
        let store = MockJobStore(onHeartbeat: { _ in
            try await untilCancelled()
            return .held
        })
        async let end = work(
            store,
            MockHandler { _, _ in
                try await untilCancelled()
                return ("{}", [])
            })
        await clock.advance(to: .seconds(3))
        await clock.advance(to: .seconds(12))
        #expect(try await end == .lost)
    }

    @Test func anEndIsRecordedOnceTheDatabaseIsBack() async throws {
        let store = MockJobStore(onFinish: { number in
            if number <= 3 { throw Mishap(description: "connection lost") }
            return true
        })
        async let end = work(store, MockHandler { _, _ in ("{}", []) })
        for second in 1...3 { await clock.advance(to: .seconds(second)) }
        #expect(try await end == .completed(result: "{}"))
        #expect(store.seen.finishCalls == 4)
    }

    @Test func anEndThatCannotBeRecordedIsThrownWhenTheLeaseIsOver() async throws {
        let store = MockJobStore(onFinish: { _ in throw Mishap(description: "connection lost") })
        let task = Task { try await work(store, MockHandler { _, _ in ("{}", []) }) }
        for second in 1...11 { await clock.advance(to: .seconds(second)) }
        await #expect(throws: Mishap.self) { _ = try await task.value }
        #expect(store.seen.finishCalls == 12)
    }

    @Test func aCancelledTaskHandsBackEvenWhileTheHandlerIsDeaf() async throws {
        let recorded = Gate()
        let started = Gate()
        let store = MockJobStore(onFinish: { _ in
            recorded.open()
            return true
        })
        let worker = Worker(
            store: store,
            handlers: [
                MockHandler { _, _ in
                    started.open()
                    await recorded.wait()
                    return ("{}", [])
                }
            ], time: clock.time)
        let task = Task { try await worker.work(on: .test()) }
        await started.wait()
        task.cancel()
        #expect(try await task.value == .interrupted)
        #expect(store.seen.finished.map(\.end) == [.interrupted])
    }
}
