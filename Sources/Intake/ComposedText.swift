internal import Foundation

/// Text in Unicode's normal form C, so that a code is the same whichever program wrote it: macOS, for one, writes 창고 as
/// five letters where others write two syllables.
///
/// Only what holds a letter that could be joined to the one before it is looked at further: the conjoining letters of
/// Hangul (U+1100–11FF), combining marks (U+0300–036F) and the voicing marks of kana (U+3099, U+309A).
func composed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard mayBeDecomposed(value) else { return value }
    return ArraySlice(String(decoding: value, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8)
}

private func mayBeDecomposed(_ value: ArraySlice<UInt8>) -> Bool {
    var index = value.startIndex
    while index < value.endIndex {
        defer { index += 1 }
        guard value[index] >= 0x80 else { continue }
        let second = index + 1 < value.endIndex ? value[index + 1] : 0
        switch value[index] {
        case 0xcc, 0xcd: return true
        case 0xe1 where (0x84...0x87).contains(second): return true
        case 0xe3 where second == 0x82 && index + 2 < value.endIndex && (0x99...0x9a).contains(value[index + 2]):
            return true
        default: break
        }
    }
    return false
}
