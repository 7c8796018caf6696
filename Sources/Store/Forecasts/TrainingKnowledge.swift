internal import ContentHash
internal import Forecasting
internal import Foundation
internal import PostgresClient
internal import TimeSeries

/// What versions were trained with besides demand, kept by its content: holidays and events.
enum TrainingKnowledge {
    /// The text under which something is kept; the same each time.
    static func text(_ content: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(content), as: UTF8.self)
    }

    /// Keeps texts and returns their hashes, in their order.
    nonisolated(nonsending) static func keep(_ texts: [String], _ connection: Connection) async throws -> [String] {
        guard !texts.isEmpty else { return [] }
        let hashes = texts.map { SHA256.hexadecimal(of: Array($0.utf8)) }
        // In one order everywhere, so that two versions at once wait for each other rather than deadlock.
        try await connection.execute(
            """
            INSERT INTO suyo.training_knowledge (content_hash, content)
            SELECT k.hash, k.text FROM ROWS FROM (pg_catalog.unnest(\(hashes)), pg_catalog.unnest(\(texts))) AS k (hash, text)
            ORDER BY k.hash
            ON CONFLICT DO NOTHING
            """)
        return hashes
    }
}
