/// After which failures a run is tried again, and how long it waits before.
///
/// How many attempts there are is a job's `max_attempts`.
public struct RetryPolicy: Sendable, Hashable, Codable {
    /// Time between the first two attempts, such as `10s`.
    public var firstDelay = "10s"
    /// How many times as long each wait is as the one before.
    public var factor = 2.0
    /// The longest wait, such as `10m`.
    public var longestDelay = "10m"
    /// By which share of itself a wait may be shorter or longer, so that what failed together does not come back together.
    public var jitter = 0.2
    /// The failures after which it is tried again.
    public var on: [FailureClass] = [.transient, .database, .crash, .timeout]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case firstDelay = "first_delay"
        case factor
        case longestDelay = "longest_delay"
        case jitter, on
    }

    /// The usual policy.
    public init() {}

    /// Reads one; what is left out is as usual.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        firstDelay = try values.decodeIfPresent(String.self, forKey: .firstDelay) ?? firstDelay
        factor = try values.decodeIfPresent(Double.self, forKey: .factor) ?? factor
        longestDelay = try values.decodeIfPresent(String.self, forKey: .longestDelay) ?? longestDelay
        jitter = try values.decodeIfPresent(Double.self, forKey: .jitter) ?? jitter
        on = try values.decodeIfPresent([FailureClass].self, forKey: .on) ?? on
    }

    /// Whether a run that failed so, in its attempt `attempt` of `maxAttempts`, is tried again.
    public func retries(_ failure: FailureClass, attempt: Int, maxAttempts: Int) -> Bool {
        attempt < maxAttempts && on.contains(failure)
    }

    /// Seconds before attempt `attempt` + 1: first delay × factorᵃᵗᵗᵉᵐᵖᵗ⁻¹, the longest delay at most, spread by jitter.
    ///
    /// The spread is a function of `runID` and `attempt`, so that the same run always waits as long.
    public func delay(attempt: Int, runID: Int64) -> Double {
        // Grown step by step: a power would overflow to infinity, and infinity times zero is no number.
        let longest = Double(TimeSpan.seconds(longestDelay) ?? 600)
        var base = min(longest, Double(TimeSpan.seconds(firstDelay) ?? 10))
        for _ in 1..<min(max(attempt, 1), 1000) { base = min(longest, base * factor) }
        var mixed = UInt64(bitPattern: runID) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(attempt)
        mixed = (mixed ^ (mixed >> 31)) &* 0xBF58_476D_1CE4_E5B9
        return max(0, base * (1 - jitter + 2 * jitter * Double(mixed >> 11) * 0x1p-53))
    }

    /// Why it cannot be used; `nil` where it can.
    var mistake: String? {
        guard let first = TimeSpan.seconds(firstDelay) else {
            return "retry: first_delay is '\(firstDelay)'; \(TimeSpan.form)."
        }
        guard let longest = TimeSpan.seconds(longestDelay) else {
            return "retry: longest_delay is '\(longestDelay)'; \(TimeSpan.form)."
        }
        if first > longest {
            return "retry: first_delay is \(firstDelay); it is no longer than longest_delay, \(longestDelay)."
        }
        if !(1...100).contains(factor) { return "retry: factor is \(factor); it lies between 1 and 100." }
        if !(0...1).contains(jitter) { return "retry: jitter is \(jitter); it lies between 0 and 1." }
        if let never = on.first(where: { !$0.mayBeRetried }) {
            return
                "retry: on holds \(never.rawValue), which comes to the same end again; take \(RetryPolicy.choices)."
        }
        return nil
    }

    /// The failures that a job may name.
    static var choices: String {
        FailureClass.allCases.filter(\.mayBeRetried).map(\.rawValue).joined(separator: ", ")
    }
}
