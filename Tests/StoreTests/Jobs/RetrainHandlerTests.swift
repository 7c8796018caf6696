import JobHandlers
import Pipeline
import Testing
import TimeSeries

@Suite struct JobStoreRetrainHandlerTests {
    @Test func aSpecIsReadWithItsDefaults() throws {
        let specification = try RetrainHandler.specification(from: #"{"frequency":"weekly","horizon":13}"#)
        #expect(specification == PortfolioSpecification(frequency: .weekly, horizon: 13))
    }

    /// A spec and a part of what is wrong with it.
    @Test(arguments: [
        (#"{"horizn":13}"#, "'horizn' is no key of it; those are frequency, grain, history_limit"),
        (#"{"horizon":"many"}"#, "horizon: "), (#"{"horizon":0}"#, "horizon is 0; it must lie between 1 and 1000"),
        (#"{"frequency":"often"}"#, "frequency: "), (#"{"scope":{"items":3}}"#, "scope.items: "), ("[]", "wrong"),
    ])
    func aMistakeInASpecIsNamed(_ spec: String, _ reason: String) {
        let error = #expect(throws: PipelineError.self) { try RetrainHandler.specification(from: spec) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
}
