import Pipeline
import Testing

@Suite struct RetrainBudgetTests {
    private let budget = RetrainBudget(seconds: 3600)

    @Test func whatFitsIntoTheDayRunsAtOnce() {
        #expect(budget.answer(expected: 3600, after: []) == .now)
        #expect(budget.answer(expected: 600, after: [.init(ago: 100, seconds: 3000)]) == .now)
        #expect(budget.answer(expected: 0, after: [.init(ago: 100, seconds: 3600)]) == .now)
        // What is a day old no longer counts.
        #expect(budget.answer(expected: 3600, after: [.init(ago: 86_400, seconds: 3000)]) == .now)
    }

    @Test func whatDoesNotWaitsUntilEnoughOfTheOldestNoLongerCounts() {
        let spent: [RetrainBudget.Spent] = [.init(ago: 1000, seconds: 1500), .init(ago: 5000, seconds: 1500)]
        #expect(budget.answer(expected: 601, after: spent) == .later(81_400))
        #expect(budget.answer(expected: 2101, after: spent) == .later(85_400))
        // One that waits itself counts from when it is to begin.
        #expect(budget.answer(expected: 3600, after: [.init(ago: -7200, seconds: 100)]) == .later(93_600))
    }

    @Test func whatIsMoreThanADayIsNotAskedFor() {
        #expect(budget.answer(expected: 3601, after: []) == .never)
        #expect(RetrainBudget(seconds: 0).answer(expected: 1, after: []) == .never)
        // Nobody knows yet how long the first one takes; no work at all is none all the same.
        #expect(RetrainBudget(seconds: 0).answer(expected: 0, after: []) == .never)
    }
}
