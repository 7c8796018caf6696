#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Work on many series at once, with results in the order of the input.
enum ParallelSeries {
    /// Series per task: enough that a task costs nothing beside them, few enough that cores end together.
    private static let chunk = 16

    /// Applies `transform` to each input on up to `threads` tasks at a time.
    ///
    /// - Throws: `CancellationError` between two inputs.
    static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], threads: Int?, progress: (@Sendable (Int) -> Void)?,
        transform: @escaping @Sendable (Input) -> Output
    ) async throws -> [Output] {
        let limit = max(1, threads ?? processors())
        let chunks = (inputs.count + chunk - 1) / chunk
        var parts = [[Output]](repeating: [], count: chunks)
        try await withThrowingTaskGroup(of: (Int, [Output]).self) { group in
            var next = 0
            var done = 0
            while next < chunks && next < limit {
                add(next, of: inputs, to: &group, transform: transform)
                next += 1
            }
            while let (index, part) = try await group.next() {
                done += part.count
                progress?(done)
                parts[index] = part
                if next < chunks {
                    add(next, of: inputs, to: &group, transform: transform)
                    next += 1
                }
            }
        }
        return parts.flatMap { $0 }
    }

    private static func add<Input: Sendable, Output: Sendable>(
        _ index: Int, of inputs: [Input], to group: inout ThrowingTaskGroup<(Int, [Output]), any Error>,
        transform: @escaping @Sendable (Input) -> Output
    ) {
        let range = (index * chunk)..<min((index + 1) * chunk, inputs.count)
        group.addTask {
            var results: [Output] = []
            results.reserveCapacity(range.count)
            for input in inputs[range] {
                try Task.checkCancellation()
                results.append(transform(input))
            }
            return (index, results)
        }
    }

    /// How many processors are online.
    private static func processors() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
