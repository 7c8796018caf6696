internal import CZlib

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Writes a comma-separated file, to standard output for `-`, compressed where the name ends in `.gz`.
///
/// A file is written beside its place and moved there by `finish`, so that nobody ever reads half of one. What is no
/// regular file, such as a pipe or `/dev/null`, is written to as it is.
@safe public final class DelimitedWriter {
    private let path: String
    private let temporary: String?
    private let descriptor: Int32
    private let compressed: gzFile?
    private var buffer: [UInt8] = []
    private var isFirstField = true
    private var isFinished = false

    /// Opens a file for writing.
    ///
    /// Throws ``TabularError/file(path:reason:)``.
    public init(path: String) throws {
        self.path = path
        if path == "-" {
            temporary = nil
            descriptor = STDOUT_FILENO
        } else if DelimitedWriter.isSpecial(path) {
            descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw TabularError.file(path: path, reason: lastErrorText()) }
            temporary = nil
        } else {
            let beside = "\(path).\(getpid()).partial"
            descriptor = unsafe open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw TabularError.file(path: path, reason: lastErrorText()) }
            temporary = beside
        }
        unsafe compressed = path.hasSuffix(".gz") ? gzdopen(dup(descriptor), "wb6") : nil
        buffer.reserveCapacity(1 << 17)
    }

    deinit {
        guard let temporary, !isFinished else { return }
        if unsafe compressed != nil { unsafe gzclose(compressed) }
        close(descriptor)
        unsafe unlink(temporary)
    }

    /// Adds a field to the record, quoted where it must be.
    public func field(_ text: String) {
        separate()
        let needsQuotes = text.utf8.contains { $0 == 0x2c || $0 == 0x22 || $0 == 0x0a || $0 == 0x0d }
        guard needsQuotes else {
            buffer.append(contentsOf: text.utf8)
            return
        }
        buffer.append(0x22)
        for byte in text.utf8 {
            if byte == 0x22 { buffer.append(0x22) }
            buffer.append(byte)
        }
        buffer.append(0x22)
    }

    /// Ends the record.
    public func endRecord() throws {
        buffer.append(0x0a)
        isFirstField = true
        if buffer.count >= 1 << 16 { try flush() }
    }

    /// Writes bytes that are records already.
    public func write(_ bytes: [UInt8]) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 16 { try flush() }
    }

    /// Writes out everything and puts the file in its place.
    public func finish() throws {
        try flush()
        isFinished = true
        if unsafe compressed != nil, unsafe gzclose(compressed) != Z_OK { throw failure() }
        guard let temporary else { return }
        guard fsync(descriptor) == 0, close(descriptor) == 0, unsafe rename(temporary, path) == 0 else {
            let error = failure()
            unsafe unlink(temporary)
            throw error
        }
    }

    /// Whether something stands in that place that must not be replaced by a file.
    private static func isSpecial(_ path: String) -> Bool {
        var information = stat()
        return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT != S_IFREG
    }

    private func separate() {
        if !isFirstField { buffer.append(0x2c) }
        isFirstField = false
    }

    private func flush() throws {
        var start = 0
        while start < buffer.count {
            let written = unsafe buffer.withUnsafeBytes { bytes -> Int in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
                if let compressed = unsafe compressed {
                    return Int(unsafe gzwrite(compressed, rest.baseAddress, UInt32(rest.count)))
                }
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if written <= 0 {
                if written < 0 && errno == EINTR { continue }
                throw failure()
            }
            start += written
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func failure() -> TabularError {
        TabularError.file(path: path == "-" ? "standard output" : path, reason: lastErrorText())
    }
}
