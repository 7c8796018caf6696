import Foundation
import Monitoring
import Testing

@Suite struct FalseDiscoveryTests {
    /// The example of Benjamini and Hochberg (1995), section 4.1: at q = 0.05 the first four are rejected, where
    /// Bonferroni rejects three.
    @Test func namesWhatTheProcedureOfBenjaminiAndHochbergNames() {
        let chances = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
            0.7590, 1.0,
        ]
        // With one bucket a year, evidence is minus the logarithm of a chance.
        let named = FalseDiscovery.named(chances.map { -log($0) }, year: 1, level: 0.05, budget: 1e9)
        #expect(named == [0, 1, 2, 3])
    }

    @Test func noSeriesNamesNothing() {
        #expect(FalseDiscovery.named([], year: 365).isEmpty)
    }

    @Test func theMoreChangeAlikeTheSoonerAllAreNamed() {
        var few = [Double](repeating: -2, count: 1000)
        few[3] = 2.5
        #expect(FalseDiscovery.named(few, year: 365).isEmpty)
        for place in 0..<100 { few[place] = 2.5 }
        #expect(FalseDiscovery.named(few, year: 365) == Array(0..<100))
    }
}
