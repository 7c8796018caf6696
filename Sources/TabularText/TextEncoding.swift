#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The encoding a file is declared to have.
public enum TextEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case cp949
    case eucKR = "euc-kr"
    case utf16 = "utf-16"

    /// The encoding of that name, whatever its case and dashes.
    ///
    /// Throws ``TabularError/unknownEncoding(_:)``.
    public init(name: String) throws {
        let plain = name.lowercased().filter { $0 != "-" && $0 != "_" }
        guard
            let found = TextEncoding.allCases.first(where: { $0.rawValue.filter { $0 != "-" } == plain })
                ?? (["ms949", "uhc", "ksc56011987", "windows949"].contains(plain) ? .cp949 : nil)
        else { throw TabularError.unknownEncoding(name) }
        self = found
    }

    fileprivate var converterName: String {
        switch self {
        case .utf8: "UTF-8"
        case .cp949: "CP949"
        case .eucKR: "EUC-KR"
        case .utf16: "UTF-16"
        }
    }
}

/// Turns bytes of a declared encoding into UTF-8, in pieces.
///
/// A byte that means nothing in the encoding becomes 0xFF, which is never valid UTF-8, so that the reader refuses just
/// the record it stands in.
@safe final class TextDecoder {
    private let converter: iconv_t
    private var rest: [UInt8] = []

    init(_ encoding: TextEncoding) throws {
        unsafe converter = iconv_open("UTF-8", encoding.converterName)
        // iconv_open answers with minus one where it knows no such encoding.
        if unsafe Int(bitPattern: converter) == -1 { throw TabularError.unknownEncoding(encoding.rawValue) }
    }

    deinit { unsafe iconv_close(converter) }

    func decode(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        var input = rest + bytes
        rest = []
        var output: [UInt8] = []
        output.reserveCapacity(input.count * 2)
        var start = 0
        while start < input.count {
            var consumed = 0
            var failure: Int32 = 0
            let available = input.count - start
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: available * 3 + 16) { buffer, count in
                unsafe input.withUnsafeMutableBytes { raw in
                    var from = unsafe raw.baseAddress?.assumingMemoryBound(to: CChar.self).advanced(by: start)
                    var fromLeft = available
                    var to = unsafe UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
                    var toLeft = buffer.count
                    if unsafe iconv(converter, &from, &fromLeft, &to, &toLeft) == -1 {
                        failure = errno
                    }
                    consumed = available - fromLeft
                    count = buffer.count - toLeft
                }
            }
            output.append(contentsOf: piece)
            start += consumed
            if failure == EILSEQ || (failure == EINVAL && isLast) {
                output.append(0xff)
                start += 1
            } else if failure == EINVAL {
                rest = Array(input[start...])
                break
            }
        }
        return output
    }
}
