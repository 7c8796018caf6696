import ContentHash
import Foundation

/// Which code this is.
enum CodeVersion {
    /// The release.
    static let number = "0.1.0"

    /// The release and the SHA-256 of the binary itself, so that a version's lineage names the very code that made it.
    static func exact() -> String {
        guard let file = FileHandle(forReadingAtPath: Bundle.main.executablePath ?? "/proc/self/exe") else {
            return number
        }
        var hash = SHA256()
        while let bytes = try? file.read(upToCount: 1 << 20), !bytes.isEmpty { hash.update(Array(bytes)) }
        return "\(number)+\(hash.finish().prefix(16))"
    }
}
