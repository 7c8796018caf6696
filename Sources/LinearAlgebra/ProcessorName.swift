internal import COpenBLAS

/// The kind of processor whose arithmetic OpenBLAS uses here, such as `Haswell` or `SkylakeX`.
///
/// Sums are added up in another order on another kind, so that last bits differ.
package func processorName() -> String {
    unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
}
