#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Work on many series at once, with results in the order of the input.
enum ParallelSeries {
    /// Applies `transform` to each input on up to `threads` tasks at a time, one task after the other for each.
    ///
    /// An input is as much work as a task is worth: a chunk of series, which tasks hand on whole, since the copy of a
    /// draft or a forecast costs a count of references for each array in it.
    ///
    /// - Parameters:
    ///   - progress: told the place of each input that is done, from one task at a time.
    /// - Throws: `CancellationError` between two inputs.
    static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], threads: Int?, progress: ((Int) -> Void)? = nil,
        transform: @escaping @Sendable (Input) throws -> Output
    ) async throws -> [Output] {
        var results = [Output?](repeating: nil, count: inputs.count)
        try await withThrowingTaskGroup(of: (Int, Output).self) { group in
            var next = 0
            func add() {
                guard next < inputs.count else { return }
                let (place, input) = (next, inputs[next])
                next += 1
                group.addTask {
                    try Task.checkCancellation()
                    return (place, try transform(input))
                }
            }
            for _ in 0..<limit(threads) { add() }
            while let (place, output) = try await group.next() {
                results[place] = output
                progress?(place)
                add()
            }
        }
        return results.compactMap { $0 }
    }

    /// Cuts an order of work into chunks; neighbours in it share one.
    ///
    /// - Parameter size: the most per chunk: enough that a task costs nothing beside it; fewer are taken where there are
    ///   few, so that cores end together.
    static func chunks(_ order: [Int], size: Int, threads: Int?) -> [ArraySlice<Int>] {
        let pieces = 4 * limit(threads)
        let size = max(1, min(size, (order.count + pieces - 1) / pieces))
        return stride(from: 0, to: order.count, by: size).map { order[$0..<min($0 + size, order.count)] }
    }

    /// How many tasks run at a time.
    private static func limit(_ threads: Int?) -> Int { max(1, threads ?? processors()) }

    /// How many processors are online.
    private static func processors() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
