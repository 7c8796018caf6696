/// Work on many values at once, with results in the order of the input.
enum Parallel {
    /// Applies `transform` to each input, in as many equal parts as there are threads, times four.
    static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], threads: Int, _ transform: @escaping @Sendable (Input) -> Output
    ) async -> [Output] {
        guard threads > 1, inputs.count > 8 else { return inputs.map(transform) }
        let parts = threads * 4
        return await withTaskGroup(of: (Int, [Output]).self) { group in
            for part in 0..<parts {
                let piece = inputs[(part * inputs.count / parts)..<((part + 1) * inputs.count / parts)]
                group.addTask { (part, piece.map(transform)) }
            }
            var results = [[Output]](repeating: [], count: parts)
            for await (part, outputs) in group { results[part] = outputs }
            return results.flatMap { $0 }
        }
    }
}
