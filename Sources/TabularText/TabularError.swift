/// Why a text file cannot be read or written at all; a single bad record never is a reason.
public enum TabularError: Error, Sendable, CustomStringConvertible {
    /// The file cannot be opened, read or written.
    case file(path: String, reason: String)
    /// The gzip data is damaged or cut off.
    case damagedGzip(path: String)
    /// The declared encoding is not known here.
    case unknownEncoding(String)
    /// The file has no header line.
    case empty(path: String)

    /// One sentence: what, where, what to do.
    public var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)."
        case .damagedGzip(let path): "\(path) is damaged or was cut off: it ends in the middle of its compressed data."
        case .unknownEncoding(let name): "There is no encoding '\(name)': take utf-8, cp949, euc-kr or utf-16."
        case .empty(let path): "\(path) is empty: it needs a header line with the names of its columns."
        }
    }
}
