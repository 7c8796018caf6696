internal import CLibPQ

/// Where the server of a connection is.
struct ServerAddress: Sendable, CustomStringConvertible {
    private let host: String
    private let port: String

    init(_ handle: ConnectionHandle) {
        host = unsafe PQhost(handle.pointer).map { unsafe String(cString: $0) } ?? ""
        port = unsafe PQport(handle.pointer).map { unsafe String(cString: $0) } ?? ""
    }

    var description: String { "\(host):\(port)" }

    /// Whether it says anything to somebody who knocks, be it that it takes nobody in; waits for five seconds at most.
    var answers: Bool {
        unsafe withCStrings(["host", "port", "dbname", "connect_timeout"]) { keywords in
            unsafe withCStrings([host, port, "postgres", "5"]) { values in
                let answer = unsafe PQpingParams(keywords, values, 0)
                return answer == PQPING_OK || answer == PQPING_REJECT
            }
        }
    }
}
