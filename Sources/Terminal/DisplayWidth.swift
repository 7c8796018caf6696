/// How many terminal columns text takes: two for a wide (Korean, Chinese, Japanese, emoji) character, none for a mark
/// that sits on another.
public func displayWidth(_ text: some StringProtocol) -> Int {
    text.reduce(0) { width, character in
        guard let scalar = character.unicodeScalars.first else { return width }
        switch scalar.value {
        case 0x300...0x36f, 0x200b...0x200f: return width
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f1e6...0x1f1ff, 0x1f300...0x1faff, 0x20000...0x3fffd:
            return width + 2
        default: return width + 1
        }
    }
}
