internal import Subprocess

/// Why an attempt in a process of its own came to nothing.
public struct AttemptFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence.
    public let description: String
    /// Whether another attempt may do better.
    public let isWorthARetry: Bool

    init(_ description: String, isWorthARetry: Bool) {
        self.description = description
        self.isWorthARetry = isWorthARetry
    }

    /// A process that ended before it said how its work did.
    ///
    /// A crash is worth another attempt, up to the run's `max_attempts`; memory that does not suffice will not suffice the
    /// next time either.
    init(_ status: TerminationStatus, _ output: CapturedOutput, memoryLimit: Int?) {
        if let memoryLimit, output.lacksMemory {
            self = AttemptFailure.memory(memoryLimit)
            return
        }
        let end =
            switch status {
            case .exited(let code): "the attempt ended by itself with exit code \(code)"
            case .signaled(let signal): "the attempt was killed by signal \(AttemptFailure.named(Int32(signal)))"
            }
        self.init(end + (output.lastWords.map { ": \($0)" } ?? ""), isWorthARetry: true)
    }

    /// The memory allowed did not suffice.
    static func memory(_ limit: Int) -> AttemptFailure {
        AttemptFailure(
            "the attempt needed more than \(limit) MB of memory: raise memory_limit_mb, or split the job",
            isWorthARetry: false)
    }

    /// `9 (KILL)` of a signal's number.
    static func named(_ signal: Int32) -> String {
        let names: [Int32: String] = [
            1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 11: "SEGV",
            13: "PIPE", 14: "ALRM", 15: "TERM", 24: "XCPU", 25: "XFSZ", 31: "SYS",
        ]
        return names[signal].map { "\(signal) (\($0))" } ?? "\(signal)"
    }
}
