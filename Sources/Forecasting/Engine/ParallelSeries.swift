#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Work on many series at once, with results in the order of the input.
enum ParallelSeries {
    /// Applies `transform` to each input on up to `threads` tasks at a time.
    ///
    /// - Throws: `CancellationError` between two inputs.
    static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], threads: Int?, progress: (@Sendable (Int) -> Void)?,
        transform: @escaping @Sendable (Input) -> Output
    ) async throws -> [Output] {
        try await map(inputs, order: Array(inputs.indices), chunk: 16, threads: threads, progress: progress) { chunk in
            try chunk.map {
                try Task.checkCancellation()
                return transform($0)
            }
        }
    }

    /// Applies `transform` to chunks of the inputs on up to `threads` tasks at a time.
    ///
    /// - Parameters:
    ///   - order: the order of work, each index once; neighbours in it share a chunk.
    ///   - chunk: the most inputs per task: enough that a task costs nothing beside them; fewer are taken where there are
    ///     few, so that cores end together.
    ///   - transform: one result per input it is given.
    /// - Throws: `CancellationError` between two chunks.
    static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], order: [Int], chunk: Int, threads: Int?, progress: (@Sendable (Int) -> Void)?,
        transform: @escaping @Sendable ([Input]) throws -> [Output]
    ) async throws -> [Output] {
        let limit = max(1, threads ?? processors())
        let size = max(1, min(chunk, (order.count + 4 * limit - 1) / (4 * limit)))
        var pieces = stride(from: 0, to: order.count, by: size).map { order[$0..<min($0 + size, order.count)] }
            .makeIterator()
        var results = [Output?](repeating: nil, count: inputs.count)
        try await withThrowingTaskGroup(of: (ArraySlice<Int>, [Output]).self) { group in
            func add(_ piece: ArraySlice<Int>) {
                let taken = piece.map { inputs[$0] }
                group.addTask {
                    try Task.checkCancellation()
                    return (piece, try transform(taken))
                }
            }
            for _ in 0..<limit { if let piece = pieces.next() { add(piece) } }
            var done = 0
            while let (piece, outputs) = try await group.next() {
                for (index, output) in zip(piece, outputs) { results[index] = output }
                done += piece.count
                progress?(done)
                if let piece = pieces.next() { add(piece) }
            }
        }
        return results.compactMap { $0 }
    }

    /// How many processors are online.
    private static func processors() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
