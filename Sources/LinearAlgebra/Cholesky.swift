internal import COpenBLAS

/// Solving symmetric positive definite systems.
public enum Cholesky {
    /// Solves `Ax = b` in place: `a` becomes the Cholesky factor, `b` the solution (LAPACK `dposv`).
    ///
    /// - Parameters:
    ///   - a: symmetric, order × order, row-major; the upper triangle is read.
    ///   - b: the right-hand sides one after another, `order` values each.
    ///   - order: the number of unknowns; 0 leaves everything as it is.
    ///   - sides: how many right-hand sides there are.
    /// - Throws: `LinearAlgebraError.notPositiveDefinite`; both arrays are then partly overwritten.
    ///   `LinearAlgebraError.notFinite` where a NaN was met.
    /// - Complexity: O(order³).
    @safe public static func solve(
        _ a: inout [Double], _ b: inout [Double], order: Int, sides: Int = 1
    ) throws(LinearAlgebraError) {
        precondition(a.count >= order * order && b.count >= order * sides)
        guard order > 0, sides > 0 else { return }
        OpenBLAS.singleThreaded
        let size = OpenBLAS.extent(order)
        let information = unsafe a.withUnsafeMutableBufferPointer { a in
            unsafe b.withUnsafeMutableBufferPointer { b in
                // Row-major upper is column-major lower: calling it so spares LAPACKE its transposing copy.
                unsafe LAPACKE_dposv(
                    LAPACK_COL_MAJOR, 76 /* L */, size, OpenBLAS.extent(sides), a.baseAddress, size, b.baseAddress,
                    size)
            }
        }
        if information > 0 { throw .notPositiveDefinite(order: Int(information)) }
        if information < 0 { throw .notFinite }
    }
}
