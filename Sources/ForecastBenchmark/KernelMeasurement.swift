internal import Forecasting

/// What one step of exponential smoothing costs in its innermost loop, where eight series are worked on abreast.
public struct KernelMeasurement: Sendable {
    /// The form.
    public var form: String
    /// Nanoseconds per observation.
    public var nanoseconds: Double
    /// Processor cycles per observation, from the clock rate as measured beside it.
    public var cycles: Double

    /// The forms that are measured: level alone, additive Holt-Winters, and the damped multiplicative one.
    public static let forms = ["ANN", "AAA", "AAdM"]

    /// Measures a form of `forms` on eight series of 120 values with a season of 12.
    public static func measure(_ form: String) -> KernelMeasurement? {
        guard let kernel = SmoothingKernel(form: form, season: 12, length: 120) else { return nil }
        var best = Double.infinity
        var cyclesPerNanosecond = 0.0
        var result = kernel.run(passes: 100)
        // The fastest of several: what disturbs a measurement only ever adds to it.
        for _ in 0..<9 {
            let passes = 5000
            let meter = Stopwatch()
            result += kernel.run(passes: passes)
            best = min(best, meter.processorSeconds * 1e9 / Double(passes * kernel.observations))
            cyclesPerNanosecond = max(cyclesPerNanosecond, clockRate(seed: result.bitPattern))
        }
        return KernelMeasurement(form: kernel.name, nanoseconds: best, cycles: best * cyclesPerNanosecond)
    }

    /// Processor cycles per nanosecond.
    ///
    /// Marsaglia's xorshift (2003) is a chain of three shifts and three exclusive ors, each of which waits one cycle for
    /// the one before: six cycles a round on the processors Suyo is built for.
    private static func clockRate(seed: UInt64) -> Double {
        let rounds = 1_000_000
        var state = seed | 1
        let meter = Stopwatch()
        for _ in 0..<rounds {
            state ^= state &<< 13
            state ^= state &>> 7
            state ^= state &<< 17
        }
        let nanoseconds = meter.processorSeconds * 1e9
        // Never 0: uses the state, so that the rounds are made.
        return state == 0 ? 0 : 6 * Double(rounds) / nanoseconds
    }
}
