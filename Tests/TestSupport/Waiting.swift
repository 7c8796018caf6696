/// Asks again and again until the answer is yes; what is waited for is a state of another process, never a time.
///
/// Throws ``WaitedInVain`` after a minute, so that a test that would hang fails instead.
package func waitUntil(
    _ what: String, _ isReached: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(60)
    while clock.now < deadline {
        if try await isReached() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw WaitedInVain(what: what)
}

/// Nothing came of the waiting.
package struct WaitedInVain: Error, CustomStringConvertible {
    var what: String
    package var description: String { "A minute passed, and still not: \(what)" }
}
