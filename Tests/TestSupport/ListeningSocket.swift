internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#endif

/// A TCP socket that listens on some port of this machine that was free.
package final class ListeningSocket: Sendable {
    /// Its port.
    package let port: Int
    private let descriptor: Int32

    /// Listens, and is gone when nobody refers to it any more.
    package init() {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe bind(descriptor, pointer, length)
                _ = listen(descriptor, 8)
                _ = unsafe getsockname(descriptor, pointer, &length)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    /// A port that nobody listens on, or did a moment ago.
    package static func freePort() -> Int { ListeningSocket().port }
}
