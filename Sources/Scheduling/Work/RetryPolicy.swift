/// How long to wait before the next attempt at a run.
public enum RetryPolicy {
    /// Seconds before attempt `attempt` + 1: 10, 20, 40 … up to ten minutes, spread by ±20 % so that what failed together
    /// does not come back together.
    ///
    /// The spread is a function of `runID` and `attempt`, so that the same run always waits as long.
    public static func delay(attempt: Int, runID: Int64) -> Double {
        let base = min(600, 10 * Double(1 << min(max(attempt, 1) - 1, 10)))
        var mixed = UInt64(bitPattern: runID) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(attempt)
        mixed = (mixed ^ (mixed >> 31)) &* 0xBF58_476D_1CE4_E5B9
        return base * (0.8 + 0.4 * Double(mixed >> 11) * 0x1p-53)
    }
}
