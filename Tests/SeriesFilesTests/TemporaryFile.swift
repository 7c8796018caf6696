import Foundation

/// Files that are gone after a test.
enum TemporaryFile {
    /// A path nothing stands at yet.
    static func path(_ ending: String = ".csv") -> String { NSTemporaryDirectory() + UUID().uuidString + ending }

    /// Hands over the path of a file with that text.
    static func with<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let path = path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try body(path)
    }
}

/// A seeded generator (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension Array {
    /// The elements in another order, the same for a seed.
    func shuffled(with seed: UInt64) -> [Element] {
        var random = Seeded(seed)
        return shuffled(using: &random)
    }
}
