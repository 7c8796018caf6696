internal import Pipeline
internal import Scheduling

extension PipelineError {
    /// What kind of failure it is to a run.
    var failureClass: FailureClass {
        switch self {
        case .invalidSpecification, .otherEngine: .configuration
        case .noDemand, .tampered: .data
        // Nothing of it is recorded, because the run is another attempt's by now.
        case .staleAttempt: .transient
        case .championChanged: .transient
        }
    }
}
