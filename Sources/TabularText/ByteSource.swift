internal import CZlib

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The decompressed bytes of a file or of standard input, in pieces.
///
/// gzip is recognised by its first two bytes and may have several members. Memory use does not grow with the file.
public final class ByteSource {
    /// The path as given; `-` is standard input.
    public let path: String
    /// The size of the file as it lies on disk; `nil` for standard input.
    public let fileSize: Int?
    /// Bytes read from disk so far, compressed if the file is.
    public private(set) var bytesRead = 0

    /// `nil` where the bytes were given.
    private let descriptor: Int32?
    private var input: [UInt8] = []
    private var inputStart = 0
    private var atEnd = false
    private var inflater: Inflater?

    /// Opens a file, or standard input for `-`.
    ///
    /// Throws ``TabularError/file(path:reason:)``.
    public init(path: String) throws {
        self.path = path
        if path == "-" {
            descriptor = STDIN_FILENO
            fileSize = nil
        } else {
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw TabularError.file(path: path, reason: lastErrorText()) }
            var information = stat()
            guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT != S_IFDIR else {
                close(descriptor)
                throw TabularError.file(path: path, reason: "this is a directory, not a file")
            }
            fileSize = information.st_mode & S_IFMT == S_IFREG ? Int(information.st_size) : nil
            self.descriptor = descriptor
        }
        try fill()
        if input.starts(with: [0x1f, 0x8b]) { inflater = try Inflater(path: path) }
    }

    /// Bytes that are at hand already, under the name that errors call them by.
    public init(_ bytes: [UInt8], name: String) {
        path = name
        descriptor = nil
        fileSize = bytes.count
        input = bytes
        bytesRead = bytes.count
    }

    deinit { if let descriptor, descriptor != STDIN_FILENO { close(descriptor) } }

    /// The next bytes, up to about 256 KiB; empty at the end.
    public func next() throws -> [UInt8] {
        guard let inflater else {
            if inputStart < input.count {
                defer { inputStart = input.count }
                return inputStart == 0 ? input : Array(input[inputStart...])
            }
            try fill()
            inputStart = input.count
            return input
        }
        while true {
            if inputStart == input.count {
                if atEnd {
                    if inflater.isInsideMember { throw TabularError.damagedGzip(path: path) }
                    return []
                }
                try fill()
                continue
            }
            let (output, consumed) = try inflater.inflate(input, from: inputStart)
            inputStart += consumed
            if !output.isEmpty { return output }
        }
    }

    private func fill() throws {
        guard let descriptor else {
            input = []
            inputStart = 0
            atEnd = true
            return
        }
        let capacity = 1 << 18
        var failure: Int32 = 0
        input = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            var received = -1
            repeat {
                received = unsafe read(descriptor, buffer.baseAddress, capacity)
            } while received < 0 && errno == EINTR
            if received < 0 { failure = errno }
            count = max(0, received)
        }
        if failure != 0 { throw TabularError.file(path: path, reason: unsafe String(cString: strerror(failure))) }
        inputStart = 0
        bytesRead += input.count
        atEnd = input.isEmpty
    }
}

/// What the last failed call of the C library says.
func lastErrorText() -> String { unsafe String(cString: strerror(errno)) }

/// Inflates gzip data of any number of members.
@safe private final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let path: String
    private(set) var isInsideMember = false

    init(path: String) throws {
        self.path = path
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, plus 16 for a gzip wrapper.
        guard unsafe inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw TabularError.damagedGzip(path: path)
        }
    }

    deinit {
        _ = unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func inflate(_ input: [UInt8], from start: Int) throws -> (output: [UInt8], consumed: Int) {
        var input = input
        let available = input.count - start
        var consumed = 0
        var status = Z_OK
        let output = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, count in
            unsafe input.withUnsafeMutableBufferPointer { bytes in
                unsafe stream.pointee.next_in = unsafe bytes.baseAddress! + start
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(buffer.count)
                status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                consumed = unsafe available - Int(stream.pointee.avail_in)
                count = unsafe buffer.count - Int(stream.pointee.avail_out)
            }
        }
        switch status {
        case Z_OK, Z_BUF_ERROR: isInsideMember = true
        case Z_STREAM_END:
            isInsideMember = false
            unsafe inflateReset(stream)
        default: throw TabularError.damagedGzip(path: path)
        }
        return (output, consumed)
    }
}
