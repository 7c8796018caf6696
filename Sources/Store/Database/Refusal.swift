internal import PostgresClient

/// What is refused of what people ask the database for: one sentence with the valid choices. Nothing has changed then.
public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// A refusal in one sentence.
    init(_ sentence: String) { description = sentence }

    /// `nil` where an error is none of those that our SQL raises for what it is asked: `no_data_found`,
    /// `object_not_in_prerequisite_state`, and whatever is wrong with a value.
    init?(_ error: PostgresError) {
        let state = error.code.name
        guard ["P0002", "55000"].contains(state) || state.hasPrefix("22") else { return nil }
        description = "\(error.message)."
    }
}

extension Database {
    /// A transaction that calls what people ask for; throws ``Refusal`` where that is refused.
    func transactionOrRefusal<Result: Sendable>(
        _ body: @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        do {
            return try await transaction { try await body($0) }
        } catch let error as PostgresError {
            throw Refusal(error) ?? error
        }
    }
}
