/// Spreads the starts of jobs that are due at the same instant.
public enum Jitter {
    /// Seconds, 0 to `span`, by which the run of a tick starts later than the tick.
    ///
    /// A function of the job and the tick alone (FNV-1a over the name, mixed with the instant), so that every daemon finds
    /// the same, and a tick's identity stays the instant it was due at.
    public static func delay(job name: String, fireAt: Int, within span: Int) -> Int {
        guard span > 0 else { return 0 }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ UInt64(bitPattern: Int64(fireAt))) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((hash ^ hash >> 31) % UInt64(span + 1))
    }
}
