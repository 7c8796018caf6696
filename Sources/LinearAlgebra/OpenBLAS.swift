internal import COpenBLAS

/// The one place that configures OpenBLAS.
enum OpenBLAS {
    /// Reading this once holds OpenBLAS to one thread.
    ///
    /// Suyo is parallel across series; threads of the library's own would only contend with that, and would make the
    /// order of summation depend on the machine.
    static let singleThreaded: Void = openblas_set_num_threads(1)

    /// An extent as the library's integer.
    @inline(__always)
    static func extent(_ value: Int) -> Int32 {
        precondition(value >= 0 && value <= Int(Int32.max), "A matrix extent exceeds 2³¹ − 1.")
        return Int32(truncatingIfNeeded: value)
    }
}
