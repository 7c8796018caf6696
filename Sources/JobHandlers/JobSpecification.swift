internal import Intake
public import Pipeline
public import Scheduling

/// What a job's `spec` says to the kinds this binary knows.
public enum JobSpecification {
    /// The kinds this binary knows.
    public static let kinds = ["retrain", "forecast", "drift", "import", "prune", "export"]
    /// Those of them that publish forecasts.
    private static let publishing = ["retrain", "forecast"]

    /// Reads the spec of a definition that retrains.
    ///
    /// Throws ``PipelineError`` for an unknown kind, an unknown key or a value out of
    /// range, with the valid choices.
    public static func read(_ definition: JobDefinition) throws -> PortfolioSpecification {
        try check(definition.kind)
        return try PortfolioSpecification(json: definition.spec)
    }

    /// Throws ``PipelineError`` unless the spec is one that the kind can work by.
    public static func validate(_ definition: JobDefinition) throws {
        if definition.publishBy != nil, !publishing.contains(definition.kind) {
            throw PipelineError.invalidSpecification(
                "publish_by is for jobs that publish forecasts, of kind \(publishing.joined(separator: " or ")); "
                    + "this one's is '\(definition.kind)'")
        }
        switch definition.kind {
        case "drift": _ = try DriftSpecification(json: definition.spec)
        case "export": _ = try ExportSpecification(json: definition.spec)
        case "prune": _ = try PruneSpecification(json: definition.spec)
        case "import":
            do {
                _ = try SourceDefinition(yaml: definition.spec, file: "spec")
            } catch IntakeError.mapping(_, _, let reason) {
                throw PipelineError.invalidSpecification(reason)
            }
        default: _ = try read(definition)
        }
    }

    private static func check(_ kind: String) throws {
        guard kinds.contains(kind) else {
            throw PipelineError.invalidSpecification(
                "there is no kind '\(kind)'; there are \(kinds.joined(separator: ", "))")
        }
    }
}
