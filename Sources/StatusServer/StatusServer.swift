internal import Hummingbird
public import Logging
internal import NIOCore
public import ServiceLifecycle
internal import SystemPackage

/// Answers over HTTP whether the daemon is well, and with its numbers.
///
/// - `GET /healthz`: 200 while the daemon is alive and has lately heard from the database, else 503; for what restarts it.
/// - `GET /readyz`: 200 where the database can be reached and has the schema this binary needs, else 503.
/// - `GET /metrics`: its numbers in Prometheus' text format.
public struct StatusServer: Service {
    /// How a check came out: `nil` where all is well, else one sentence.
    public typealias Check = @Sendable () async -> String?

    /// Where to listen.
    public struct Address: Sendable, Hashable, CustomStringConvertible {
        /// Name or number of the machine's interface.
        public var host: String
        /// Port, 1 to 65535.
        public var port: Int

        /// An address from `host:port`, `[::1]:port` or `:port`, which is every interface; `nil` for anything else.
        public init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (1...65_535).contains(port)
            else { return nil }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = host.dropFirst().dropLast()
            } else if host.contains(":") {
                return nil
            }
            self.host = host.isEmpty ? "0.0.0.0" : String(host)
            self.port = port
        }

        /// As it is written.
        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    private let address: Address
    private let health: Check
    private let readiness: Check
    private let metrics: @Sendable () async -> String
    private let logger: Logger

    /// A server that is not yet listening.
    public init(
        address: Address, health: @escaping Check, readiness: @escaping Check,
        metrics: @escaping @Sendable () async -> String, logger: Logger
    ) {
        self.address = address
        self.health = health
        self.readiness = readiness
        self.metrics = metrics
        self.logger = logger
    }

    /// Listens until a graceful shutdown or until cancelled; throws where it cannot listen.
    public func run() async throws {
        let router = Router()
        router.get("healthz") { [health] _, _ in StatusServer.answer(await health()) }
        router.get("readyz") { [readiness] _, _ in StatusServer.answer(await readiness()) }
        router.get("metrics") { [metrics] _, _ in
            StatusServer.response(await metrics(), .ok, "text/plain; version=0.0.4; charset=utf-8")
        }
        var quiet = logger
        quiet.logLevel = .error
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "suyo"),
            onServerRunning: { [logger, address] _ in
                logger.notice("listening", metadata: ["http": "\(address)"])
            }, logger: quiet)
        do {
            try await application.run()
        } catch let error as IOError {
            throw Failure(description: "Cannot listen on \(address) (http): \(Errno(rawValue: error.errnoCode)).")
        } catch let error where !(error is CancellationError) {
            throw Failure(description: "Cannot listen on \(address) (http): \(error)")
        }
    }

    /// Why it cannot listen.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// One sentence.
        public let description: String
    }

    private static func answer(_ complaint: String?) -> Response {
        response((complaint ?? "ok") + "\n", complaint == nil ? .ok : .serviceUnavailable, "text/plain; charset=utf-8")
    }

    private static func response(_ text: String, _ status: HTTPResponse.Status, _ type: String) -> Response {
        Response(
            status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
