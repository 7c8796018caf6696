public import Scheduling
internal import Subprocess

/// Why an attempt in a process of its own came to nothing.
public struct AttemptFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence.
    public let description: String
    /// What kind of failure it is.
    public let failureClass: FailureClass

    init(_ failureClass: FailureClass, _ description: String) {
        self.failureClass = failureClass
        self.description = description
    }

    /// A process that ended before it said how its work did: a crash, or a want of memory.
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
        self.init(.crash, end + (output.lastWords.map { ": \($0)" } ?? ""))
    }

    /// The memory allowed did not suffice.
    static func memory(_ limit: Int) -> AttemptFailure {
        AttemptFailure(
            .memory, "the attempt needed more than \(limit) MB of memory: raise memory_limit_mb, or split the job")
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
