internal import Foundation

#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// Posts JSON to another system, and gives up on one that does not answer.
public struct WebhookSender: Sendable {
    /// Why a message was not taken.
    public enum Refusal: Error, Sendable, CustomStringConvertible {
        /// What was given is no URL.
        case noURL(String)
        /// The other system answered with a status that is no success.
        case status(Int, host: String)
        /// It could not be reached, or did not answer in time.
        case unreachable(host: String, reason: String)

        /// One sentence: what, where, what to do.
        public var description: String {
            switch self {
            case .noURL(let text): "'\(text)' is no URL a webhook can be posted to: correct it in the job's spec."
            case .status(let status, let host): "The webhook at \(host) answered with status \(status)."
            case .unreachable(let host, let reason): "The webhook at \(host) could not be reached: \(reason)"
            }
        }
    }

    private let timeout: TimeInterval

    /// A sender that waits so many seconds for an answer.
    public init(timeout: Double = 10) { self.timeout = timeout }

    /// Posts a JSON text; returns once the other system has taken it.
    ///
    /// Throws ``Refusal``. The path and the query of the URL, which may hold secrets, are in no message.
    public func post(_ body: String, to address: String) async throws {
        guard let url = URL(string: address), let host = url.host else { throw Refusal.noURL(address) }
        var request = URLRequest(url: url, timeoutInterval: timeout)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(body.utf8)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout
        configuration.timeoutIntervalForResource = timeout
        let session = URLSession(configuration: configuration)
        defer { session.invalidateAndCancel() }
        let response: URLResponse
        do {
            (_, response) = try await session.data(for: request)
        } catch let error as URLError {
            throw Refusal.unreachable(host: host, reason: error.localizedDescription)
        }
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else { throw Refusal.status(status, host: host) }
    }
}
