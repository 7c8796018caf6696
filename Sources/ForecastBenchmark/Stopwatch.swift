#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Time since it was made, on the wall and on the processors.
struct Stopwatch {
    private let start = Stopwatch.now(CLOCK_MONOTONIC)
    private let processorStart = Stopwatch.now(CLOCK_PROCESS_CPUTIME_ID)

    /// Seconds that passed.
    var seconds: Double { Stopwatch.now(CLOCK_MONOTONIC) - start }

    /// Seconds of processor time that the process took, over all threads.
    var processorSeconds: Double { Stopwatch.now(CLOCK_PROCESS_CPUTIME_ID) - processorStart }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
