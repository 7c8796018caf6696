/// What a decomposition can meet in its input.
public enum LinearAlgebraError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The leading block of that order (from 1) is not positive definite.
    case notPositiveDefinite(order: Int)
    /// An entry is NaN or infinite.
    case notFinite

    /// One sentence that says what is wrong with the matrix.
    public var description: String {
        switch self {
        case .notPositiveDefinite(let order):
            "The matrix is not positive definite at order \(order); add a ridge to its diagonal."
        case .notFinite: "The matrix has a NaN or infinite entry; remove missing values first."
        }
    }
}
