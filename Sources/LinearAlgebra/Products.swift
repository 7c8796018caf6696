internal import COpenBLAS

/// Matrix products over flat row-major arrays, written into storage the caller owns.
///
/// Every function overwrites its result; nothing is allocated. Extents that do not fit the arrays are the caller's
/// mistake and trap.
public enum Products {
    /// The Gram matrix `AᵀA` (columns × columns) of a rows × columns matrix, both triangles (BLAS `dsyrk`).
    ///
    /// - Complexity: O(rows · columns²).
    @safe public static func gram(_ a: [Double], rows: Int, columns: Int, into result: inout [Double]) {
        precondition(a.count >= rows * columns && result.count >= columns * columns)
        guard columns > 0 else { return }
        guard rows > 0 else {
            for index in 0..<(columns * columns) { result[index] = 0 }
            return
        }
        OpenBLAS.singleThreaded
        unsafe a.withUnsafeBufferPointer { a in
            unsafe result.withUnsafeMutableBufferPointer { result in
                unsafe cblas_dsyrk(
                    CblasRowMajor, CblasUpper, CblasTrans, OpenBLAS.extent(columns), OpenBLAS.extent(rows), 1,
                    a.baseAddress, OpenBLAS.extent(columns), 0, result.baseAddress, OpenBLAS.extent(columns))
            }
        }
        for row in 1..<max(columns, 1) {
            for column in 0..<row { result[row * columns + column] = result[column * columns + row] }
        }
    }

    /// The product `Ax` of a rows × columns matrix with a vector (BLAS `dgemv`).
    @safe public static func multiply(
        _ a: [Double], rows: Int, columns: Int, by x: [Double], into result: inout [Double]
    ) {
        precondition(a.count >= rows * columns && x.count >= columns && result.count >= rows)
        guard rows > 0, columns > 0 else {
            for index in 0..<rows { result[index] = 0 }
            return
        }
        OpenBLAS.singleThreaded
        unsafe a.withUnsafeBufferPointer { a in
            unsafe x.withUnsafeBufferPointer { x in
                unsafe result.withUnsafeMutableBufferPointer { result in
                    unsafe cblas_dgemv(
                        CblasRowMajor, CblasNoTrans, OpenBLAS.extent(rows), OpenBLAS.extent(columns), 1, a.baseAddress,
                        OpenBLAS.extent(columns), x.baseAddress, 1, 0, result.baseAddress, 1)
                }
            }
        }
    }

    /// The product `AB` of a rows × inner and an inner × columns matrix (BLAS `dgemm`).
    ///
    /// - Complexity: O(rows · inner · columns).
    @safe public static func multiply(
        _ a: [Double], _ b: [Double], rows: Int, inner: Int, columns: Int, into result: inout [Double]
    ) {
        precondition(a.count >= rows * inner && b.count >= inner * columns && result.count >= rows * columns)
        guard rows > 0, columns > 0, inner > 0 else {
            for index in 0..<(rows * columns) { result[index] = 0 }
            return
        }
        OpenBLAS.singleThreaded
        unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                unsafe result.withUnsafeMutableBufferPointer { result in
                    unsafe cblas_dgemm(
                        CblasRowMajor, CblasNoTrans, CblasNoTrans, OpenBLAS.extent(rows), OpenBLAS.extent(columns),
                        OpenBLAS.extent(inner), 1, a.baseAddress, OpenBLAS.extent(inner), b.baseAddress,
                        OpenBLAS.extent(columns), 0, result.baseAddress, OpenBLAS.extent(columns))
                }
            }
        }
    }

    /// The product `Aᵀx` of a rows × columns matrix, transposed, with a vector (BLAS `dgemv`).
    @safe public static func multiplyTransposed(
        _ a: [Double], rows: Int, columns: Int, by x: [Double], into result: inout [Double]
    ) {
        precondition(a.count >= rows * columns && x.count >= rows && result.count >= columns)
        guard rows > 0, columns > 0 else {
            for index in 0..<columns { result[index] = 0 }
            return
        }
        OpenBLAS.singleThreaded
        unsafe a.withUnsafeBufferPointer { a in
            unsafe x.withUnsafeBufferPointer { x in
                unsafe result.withUnsafeMutableBufferPointer { result in
                    unsafe cblas_dgemv(
                        CblasRowMajor, CblasTrans, OpenBLAS.extent(rows), OpenBLAS.extent(columns), 1, a.baseAddress,
                        OpenBLAS.extent(columns), x.baseAddress, 1, 0, result.baseAddress, 1)
                }
            }
        }
    }
}
