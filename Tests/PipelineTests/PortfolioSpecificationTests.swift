import Foundation
import Monitoring
import Pipeline
import Testing
import TimeSeries

@Suite struct PortfolioSpecificationTests {
    private func read(_ json: String) throws -> PortfolioSpecification {
        try JSONDecoder().decode(PortfolioSpecification.self, from: Data(json.utf8))
    }

    @Test func everythingHasADefault() throws {
        let specification = try read("{}")
        #expect(specification == PortfolioSpecification(frequency: .daily, horizon: 28))
        #expect(specification.season == 7)
        #expect(specification.grain == .itemSite)
        #expect(specification.scope == PortfolioSpecification.Scope())
        #expect(specification.model == "auto")
        #expect(specification.historyLimit == nil)
        #expect(specification.seed == 1)
    }

    @Test(arguments: Frequency.allCases) func theSeasonFollowsTheFrequency(frequency: Frequency) throws {
        #expect(try read("{\"frequency\": \"\(frequency)\"}").season == frequency.usualSeason)
        #expect(try read("{\"frequency\": \"\(frequency)\", \"season\": 9}").season == 9)
    }

    @Test func everyKeyIsRead() throws {
        let specification = try read(
            """
            {"frequency": "weekly", "horizon": 13, "season": 26, "grain": "item-site-customer", "model": "ets:AAdM",
             "scope": {"items": ["A"], "sites": ["ICN"], "categories": ["tea"], "top": 5}, "origins": 6,
             "history_limit": 104, "holiday_calendar": "KR", "seed": 18446744073709551615}
            """)
        #expect(specification.frequency == .weekly)
        #expect(specification.horizon == 13)
        #expect(specification.season == 26)
        #expect(specification.grain == .itemSiteCustomer)
        #expect(specification.model == "ets:AAdM")
        #expect(specification.scope.items == ["A"])
        #expect(specification.scope.sites == ["ICN"])
        #expect(specification.scope.categories == ["tea"])
        #expect(specification.scope.top == 5)
        #expect(specification.origins == 6)
        #expect(specification.historyLimit == 104)
        #expect(specification.holidayCalendar == "KR")
        #expect(specification.seed == .max)
        let again = try JSONDecoder().decode(
            PortfolioSpecification.self, from: try JSONEncoder().encode(specification))
        #expect(again == specification)
        let object = try #require(
            JSONSerialization.jsonObject(with: try JSONEncoder().encode(specification)) as? [String: Any])
        #expect(Set(object.keys) == Set(PortfolioSpecification.keys))
    }

    @Test(arguments: [
        ("{\"horizon\": 0}", "horizon is 0", "between 1 and 1000"),
        ("{\"horizon\": 1001}", "horizon is 1001", "between 1 and 1000"),
        ("{\"season\": 169}", "season is 169", "between 1 and 168"),
        ("{\"origins\": 0}", "origins is 0", "between 1 and 52"),
        ("{\"history_limit\": 0}", "history_limit is 0", "between 1 and 100000"),
        ("{\"scope\": {\"top\": 0}}", "scope.top is 0", "1 or more"),
    ])
    func whatIsNotAllowedIsNamedWithWhatIs(json: String, problem: String, choice: String) throws {
        let error = #expect(throws: PipelineError.self) { try read(json) }
        let text = try #require(error).description
        #expect(text.contains(problem) && text.contains(choice), "\(text)")
    }

    @Test(arguments: [
        "{\"frequency\": \"fortnightly\"}", "{\"grain\": \"site\"}", "{\"horizon\": \"ten\"}", "{\"scope\": []}",
        "{\"seed\": -1}", "{\"frequency\": 7}", "[]",
    ])
    func aValueOfTheWrongTypeIsRefused(json: String) {
        #expect(throws: DecodingError.self) { try read(json) }
    }

    @Test(arguments: [
        ("{}", GateRules()), ("{\"gate\": true}", GateRules()), ("{\"gate\": \"on\"}", GateRules()),
        ("{\"gate\": {}}", GateRules()),
    ])
    func thereIsAGateUnlessItIsTurnedOff(json: String, rules: GateRules) throws {
        #expect(try read(json).gate == rules)
    }

    @Test(arguments: ["{\"gate\": false}", "{\"gate\": \"off\"}"]) func aGateCanBeTurnedOff(json: String) throws {
        let specification = try read(json)
        #expect(specification.gate.isOff)
        let again = try JSONDecoder().decode(
            PortfolioSpecification.self, from: try JSONEncoder().encode(specification))
        #expect(again == specification)
    }

    @Test func theGateTakesItsKeys() throws {
        let gate = try read(
            """
            {"gate": {"margin": 0.01, "segment_margin": 0.1, "smallest_segment": 5, "bias": 0.2, "coverage": 0.1,
                "significance": 0.01}}
            """
        ).gate
        #expect(gate.margin == 0.01)
        #expect(gate.segmentMargin == 0.1)
        #expect(gate.smallestSegment == 5)
        #expect(gate.bias == 0.2)
        #expect(gate.coverage == 0.1)
        #expect(gate.significance == 0.01)
    }

    @Test func theRollbackTakesItsKeysAndCanBeTurnedOff() throws {
        #expect(try read("{}").rollback == RollbackRules())
        let rules = try read("{\"rollback\": {\"buckets\": 14, \"tolerance\": 0.25}}").rollback
        #expect(rules.buckets == 14)
        #expect(rules.tolerance == 0.25)
        for json in ["{\"rollback\": false}", "{\"rollback\": \"off\"}"] {
            let specification = try read(json)
            #expect(specification.rollback.isOff)
            #expect(
                try JSONDecoder().decode(PortfolioSpecification.self, from: try JSONEncoder().encode(specification))
                    == specification)
        }
    }

    @Test(arguments: [
        ("{\"gate\": \"ajar\"}", "spec.gate takes off"), ("{\"gate\": {\"marge\": 1}}", "spec.gate has no key 'marge'"),
        ("{\"gate\": {\"margin\": -1}}", "spec.gate.margin takes a share"),
        ("{\"gate\": {\"smallest_segment\": 0}}", "takes a whole number from 1"),
        ("{\"rollback\": \"never\"}", "spec.rollback takes off"),
        ("{\"rollback\": {\"days\": 1}}", "spec.rollback has no key 'days'"),
        ("{\"rollback\": {\"buckets\": 0}}", "spec.rollback.buckets takes a whole number from 1 to 366"),
        ("{\"rollback\": {\"tolerance\": -1}}", "spec.rollback.tolerance takes a share"),
    ])
    func aWrongGateOrRollbackIsNamed(json: String, problem: String) throws {
        let error = #expect(throws: PipelineError.self) { try PortfolioSpecification(json: json) }
        #expect(try #require(error).description.contains(problem), "\(String(describing: error))")
    }
}
