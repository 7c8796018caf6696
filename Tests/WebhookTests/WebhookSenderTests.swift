import TestSupport
import Testing
import Webhook

@Suite struct WebhookSenderTests {
    @Test func whatIsPostedArrives() async throws {
        let server = try AnsweringServer(statuses: [204])
        try await WebhookSender().post(#"{"incident_id":3}"#, to: server.url)
        let received = try #require(server.received.first)
        #expect(received.hasPrefix("POST /hook HTTP/1.1"))
        #expect(received.hasSuffix(#"{"incident_id":3}"#))
    }

    @Test func aRefusalIsSaidWithoutThePath() async throws {
        let server = try AnsweringServer(statuses: [503])
        let error = await #expect(throws: WebhookSender.Refusal.self) {
            try await WebhookSender().post("{}", to: server.url)
        }
        #expect(error?.description == "The webhook at 127.0.0.1 answered with status 503.")
    }

    @Test func aServerThatHangsIsGivenUp() async throws {
        let server = try AnsweringServer(statuses: [0])
        let error = await #expect(throws: WebhookSender.Refusal.self) {
            try await WebhookSender(timeout: 1).post("{}", to: server.url)
        }
        #expect(error?.description.contains("could not be reached") == true)
    }

    @Test func whatIsNoURLIsRefused() async throws {
        await #expect(throws: WebhookSender.Refusal.self) { try await WebhookSender().post("{}", to: "somewhere") }
    }
}
