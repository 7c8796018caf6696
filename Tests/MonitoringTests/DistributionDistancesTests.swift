import Monitoring
import Testing

@Suite struct DistributionDistancesTests {
    private func distances(_ recent: [Double], _ reference: [Double]) -> DistributionDistances {
        DistributionDistances(recent, reference: reference)
    }

    /// By hand: moved by half a step, the functions differ by a third between neighbours, and each of three moves 0.5.
    @Test func distancesOfSamplesMovedByHalfAStep() {
        let moved = distances([0, 1, 2], [0.5, 1.5, 2.5])
        #expect(abs(moved.kolmogorovSmirnov - 1.0 / 3) < 1e-12)
        #expect(abs(moved.wasserstein - 0.5) < 1e-12)
    }

    @Test func theSameSampleIsNoDistanceAway() {
        let sample = (0..<100).map { Double($0) }
        let same = distances(sample, sample)
        #expect(same.kolmogorovSmirnov == 0)
        #expect(same.wasserstein == 0)
        #expect(same.jensenShannon < 0.01)
        #expect(same.stabilityIndex < 1e-3)
    }

    @Test func samplesApartAreAsFarAsTheyCanBe() {
        let far = distances([100, 101], [0, 1, 2, 3])
        #expect(far.kolmogorovSmirnov == 1)
        #expect(far.jensenShannon > 0.7)
    }
}
