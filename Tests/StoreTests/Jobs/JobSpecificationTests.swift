import JobHandlers
import Pipeline
import Scheduling
import Testing
import TimeSeries

/// What a job's spec says, and what is said of a wrong one.
@Suite struct JobSpecificationTests {
    private func read(_ spec: String, kind: String = "retrain") throws -> PortfolioSpecification {
        try JobSpecification.read(JobDefinition(name: "nightly", kind: kind, spec: spec))
    }

    @Test func aSpecIsReadWithItsDefaults() throws {
        #expect(
            try read(#"{"frequency":"weekly","horizon":13}"#) == PortfolioSpecification(frequency: .weekly, horizon: 13)
        )
    }

    /// A spec and a part of what is wrong with it.
    @Test(arguments: [
        (#"{"horizn":13}"#, "spec has no key 'horizn'; there are frequency, horizon"),
        (#"{"scope":{"item":["A"]}}"#, "spec.scope has no key 'item'; there are items"),
        (#"{"horizon":"many"}"#, "spec.horizon takes a whole number"),
        (#"{"horizon":0}"#, "horizon is 0; it must lie between 1 and 1000"),
        (#"{"frequency":"often"}"#, "spec.frequency takes hourly, daily, weekly"),
        (#"{"scope":{"items":3}}"#, "spec.scope.items takes a list of codes"),
        (#"{"model":"autoo"}"#, "there is no model 'autoo'; take one of auto"),
    ])
    func aMistakeIsNamedWithTheChoices(_ spec: String, _ reason: String) {
        let error = #expect(throws: PipelineError.self) { try read(spec) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func anUnknownKindIsRefused() {
        #expect(throws: PipelineError.self) { try read("{}", kind: "dance") }
    }
}
