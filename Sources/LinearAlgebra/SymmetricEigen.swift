internal import COpenBLAS

/// The eigendecomposition `A = V diag(values) Vᵀ` of a symmetric matrix.
public struct SymmetricEigen: Sendable {
    /// The eigenvalues, ascending.
    public let values: [Double]
    /// The eigenvectors as columns, orthonormal.
    public let vectors: Matrix

    /// Decomposes a symmetric matrix, of which the upper triangle is read (LAPACK `dsyevd`).
    ///
    /// - Throws: `LinearAlgebraError.notFinite` or `.noConvergence`.
    /// - Complexity: O(order³).
    @safe public init(_ matrix: Matrix) throws(LinearAlgebraError) {
        precondition(matrix.rows == matrix.columns, "Only a square matrix has an eigendecomposition.")
        let order = matrix.rows
        guard matrix.elements.allSatisfy(\.isFinite) else { throw .notFinite }
        var values = [Double](repeating: 0, count: order)
        var elements = matrix.elements
        guard order > 0 else {
            self.values = values
            vectors = matrix
            return
        }
        OpenBLAS.singleThreaded
        let size = OpenBLAS.extent(order)
        let information = unsafe elements.withUnsafeMutableBufferPointer { elements in
            unsafe values.withUnsafeMutableBufferPointer { values in
                unsafe LAPACKE_dsyevd(
                    LAPACK_COL_MAJOR, 86 /* V */, 76 /* L */, size, elements.baseAddress, size, values.baseAddress)
            }
        }
        if information > 0 { throw .noConvergence(remaining: Int(information)) }
        if information < 0 { throw .notFinite }
        self.values = values
        // Column-major columns are row-major rows.
        vectors = Matrix(rows: order, columns: order, elements: elements).transposed
    }
}
