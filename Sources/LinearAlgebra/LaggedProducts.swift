/// Sums of products of a sequence with shifted ones.
public enum LaggedProducts {
    /// Entry j of the result is `Σ y[t] · x[t − j]` over the times t of a range, for j = 0…`count` − 1.
    ///
    /// The sums run over time in order, eight lags abreast, so that they are the same on every machine.
    ///
    /// - Complexity: O(range · count).
    @safe public static func sums(_ y: [Double], _ x: [Double], over range: Range<Int>, count: Int) -> [Double] {
        var result = [Double](repeating: 0, count: count)
        guard !range.isEmpty, count > 0 else { return result }
        precondition(range.lowerBound >= 0 && range.upperBound <= y.count && range.upperBound <= x.count)
        precondition(range.lowerBound - count + 1 >= 0, "A lag reaches before the first value.")
        var lag = 0
        while lag + 8 <= count {
            unsafe x.withUnsafeBufferPointer { x in
                unsafe y.withUnsafeBufferPointer { y in
                    var sum = SIMD8<Double>()
                    for time in range {
                        // The eight values end at x[t − lag]: lane 7 holds that one.
                        let values = unsafe UnsafeRawPointer(x.baseAddress! + (time - lag - 7))
                            .loadUnaligned(as: SIMD8<Double>.self)
                        sum += unsafe values * y[time]
                    }
                    for lane in 0..<8 { result[lag + 7 - lane] = sum[lane] }
                }
            }
            lag += 8
        }
        while lag < count {
            var sum = 0.0
            for time in range { sum += y[time] * x[time - lag] }
            result[lag] = sum
            lag += 1
        }
        return result
    }
}
