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
        rankK(a, transpose: true, order: columns, inner: rows, leading: columns, into: &result)
    }

    /// The outer Gram matrix `AAᵀ` (rows × rows) of a rows × columns matrix, both triangles (BLAS `dsyrk`).
    ///
    /// - Complexity: O(rows² · columns).
    @safe public static func outerGram(_ a: [Double], rows: Int, columns: Int, into result: inout [Double]) {
        precondition(a.count >= rows * columns && result.count >= rows * rows)
        rankK(a, transpose: false, order: rows, inner: columns, leading: columns, into: &result)
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

    /// The product of `count` entries of `a` from its start with as many of `b` from an offset (BLAS `ddot`).
    @safe public static func dot(_ a: [Double], _ b: [Double], from offset: Int, count: Int) -> Double {
        precondition(count >= 0 && offset >= 0 && a.count >= count && b.count >= offset + count)
        guard count > 0 else { return 0 }
        OpenBLAS.singleThreaded
        return unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                unsafe cblas_ddot(
                    OpenBLAS.extent(count), a.baseAddress, 1, b.baseAddress.map { unsafe $0 + offset }, 1)
            }
        }
    }

    private static func rankK(
        _ a: [Double], transpose: Bool, order: Int, inner: Int, leading: Int, into result: inout [Double]
    ) {
        guard order > 0 else { return }
        guard inner > 0 else {
            for index in 0..<(order * order) { result[index] = 0 }
            return
        }
        OpenBLAS.singleThreaded
        unsafe a.withUnsafeBufferPointer { a in
            unsafe result.withUnsafeMutableBufferPointer { result in
                unsafe cblas_dsyrk(
                    CblasRowMajor, CblasUpper, transpose ? CblasTrans : CblasNoTrans, OpenBLAS.extent(order),
                    OpenBLAS.extent(inner), 1, a.baseAddress, OpenBLAS.extent(leading), 0, result.baseAddress,
                    OpenBLAS.extent(order))
            }
        }
        for row in 1..<max(order, 1) {
            for column in 0..<row { result[row * order + column] = result[column * order + row] }
        }
    }
}
