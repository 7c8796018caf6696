internal import Foundation
internal import Pipeline
public import Scheduling

/// Runs of kind `webhook`: one message to another system, tried again until it is taken or the attempts are used up.
public struct WebhookHandler: RunHandler {
    /// The kind.
    public let kind = "webhook"
    private let post: @Sendable (_ url: String, _ body: String) async throws -> Void

    /// A handler that posts by `post`.
    public init(post: @escaping @Sendable (_ url: String, _ body: String) async throws -> Void) { self.post = post }

    /// Posts the `body` of the spec to its `url`.
    public func run(
        _ run: ClaimedRun, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> (result: String, notes: [String]) {
        guard let spec = try JSONSerialization.jsonObject(with: Data(run.spec.utf8)) as? [String: Any],
            let url = spec["url"] as? String, let body = spec["body"]
        else { throw PipelineError.invalidSpecification("a webhook's spec has a url and a body") }
        let text = try JSONSerialization.data(withJSONObject: body, options: [.sortedKeys, .withoutEscapingSlashes])
        try await post(url, String(decoding: text, as: UTF8.self))
        return ("{\"delivered\":true}", [])
    }

    /// Whatever kept the message back may be over next time, except a spec that is wrong.
    public func failureClass(of error: any Error) -> FailureClass {
        (error as? PipelineError)?.failureClass ?? .transient
    }
}
