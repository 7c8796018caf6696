internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// A datagram socket as a service manager listens to.
package final class NotifySocket: Sendable {
    /// Its name as `NOTIFY_SOCKET` has it: an abstract one begins with `@`.
    package let path: String
    private let descriptor: Int32

    /// The socket could not be bound to its name.
    package struct Unbound: Error {}

    /// Listens under a name of its own; an `abstract` one stands for no file.
    package init(abstract: Bool = false) throws {
        let name = "/tmp/suyo-notify-\(UUID().uuidString.prefix(8))"
        path = abstract ? "@" + name : name
        #if canImport(Glibc)
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        #else
            descriptor = socket(AF_UNIX, SOCK_DGRAM, 0)
        #endif
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = (abstract ? [0] : []) + Array(name.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count + (abstract ? 0 : 1))
        let isBound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) == 0
            }
        }
        if !isBound { throw Unbound() }
    }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }

    /// The next datagram, waiting for it, on a thread of its own: what waits must not hold up other tests.
    package func receive() async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.read(flags: 0) ?? "") }
        }
    }

    /// Those that are there already.
    package func rest() -> [String] {
        var messages: [String] = []
        while let message = read(flags: Int32(MSG_DONTWAIT)) { messages.append(message) }
        return messages
    }

    private func read(flags: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(descriptor, &buffer, buffer.count, flags)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
