public import Pipeline
public import Scheduling

/// What a job's `spec` says to the kinds this binary knows.
public enum JobSpecification {
    /// The kinds this binary knows.
    public static let kinds = ["retrain", "forecast"]

    /// Reads the spec of a definition.
    ///
    /// Throws ``PipelineError`` for an unknown kind, an unknown key or a value out of
    /// range, with the valid choices.
    public static func read(_ definition: JobDefinition) throws -> PortfolioSpecification {
        guard kinds.contains(definition.kind) else {
            throw PipelineError.invalidSpecification(
                "there is no kind '\(definition.kind)'; there are \(kinds.joined(separator: ", "))")
        }
        return try PortfolioSpecification(json: definition.spec)
    }
}
