internal import LinearAlgebra

extension ForecastEngine {
    /// The kind of processor whose arithmetic is used here, such as `Haswell`: the same series come out the same to the
    /// last bit only on one kind.
    public static var processor: String { processorName() }
}
