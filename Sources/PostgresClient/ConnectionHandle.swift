internal import CLibPQ

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Owns one connection of libpq and closes it.
///
/// `@unchecked` because only the connection's actor calls into it, one call at a time.
@safe final class ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }
    deinit { unsafe PQfinish(pointer) }

    /// A second descriptor of the socket, to be closed by the caller; `nil` where there is none to be had.
    func duplicateSocket() -> Int32? {
        let socket = unsafe dup(PQsocket(pointer))
        return socket >= 0 ? socket : nil
    }

    /// The last error as one sentence.
    var message: String {
        guard let text = unsafe PQerrorMessage(pointer) else { return "" }
        return unsafe trimmed(String(cString: text))
    }
}

/// What is needed to interrupt a statement from another thread.
///
/// `@unchecked` because libpq allows `PQcancel` from any thread.
@safe final class CancelHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    init?(_ connection: ConnectionHandle) {
        guard let pointer = unsafe PQgetCancel(connection.pointer) else { return nil }
        unsafe self.pointer = unsafe pointer
    }

    deinit { unsafe PQfreeCancel(pointer) }

    /// Asks the server to interrupt what the connection is doing.
    func cancel() {
        var buffer = [CChar](repeating: 0, count: 256)
        _ = unsafe PQcancel(pointer, &buffer, Int32(buffer.count))
    }
}

/// Text without white space at its ends and with lines joined.
func trimmed(_ text: String) -> String {
    text.split(whereSeparator: { $0.isNewline }).map { line in
        String(line.drop { $0 == " " || $0 == "\t" })
    }.joined(separator: "; ")
}
