internal import Foundation
internal import Synchronization

/// A little HTTP server on the loopback that answers each request in turn as it was told, and keeps what it was sent.
package final class AnsweringServer: Sendable {
    private let socket: Int32
    private let requests = Mutex<[String]>([])
    /// Its address.
    package let url: String

    /// Why there is no server.
    package struct Failed: Error {}

    /// A server that answers with these statuses, one after another, the last one from then on; 0 is no answer at all.
    package init(statuses: [Int]) throws {
        #if os(Linux)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let socket = Foundation.socket(AF_INET, kind, 0)
        self.socket = socket
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(socket, address, length) == 0 && listen(socket, 8) == 0
                    && getsockname(socket, address, &length) == 0
            }
        }
        guard bound else { throw Failed() }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/hook"
        Thread.detachNewThread { [self] in serve(statuses) }
    }

    deinit { close(socket) }

    /// What was sent, each request with its headers.
    package var received: [String] { requests.withLock { $0 } }

    private func serve(_ statuses: [Int]) {
        var number = 0
        while true {
            let connection = accept(socket, nil, nil)
            guard connection >= 0 else { return }
            var text = ""
            var buffer = [UInt8](repeating: 0, count: 4096)
            while !isWhole(text) {
                let count = unsafe read(connection, &buffer, buffer.count)
                guard count > 0 else { break }
                text += String(decoding: buffer[..<count], as: UTF8.self)
            }
            requests.withLock { $0.append(text) }
            let status = statuses[min(number, statuses.count - 1)]
            number += 1
            // Where there is to be no answer, the connection stays open.
            guard status > 0 else { continue }
            let answer = Array("HTTP/1.1 \(status) so\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
            _ = unsafe write(connection, answer, answer.count)
            close(connection)
        }
    }

    private func isWhole(_ text: String) -> Bool {
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let length = text[..<end.lowerBound].split(separator: "\r\n").first {
            $0.lowercased().hasPrefix("content-length:")
        }
        return text[end.upperBound...].utf8.count >= length.flatMap { Int($0.dropFirst(15).trimmingPrefix(" ")) } ?? 0
    }
}
