import Monitoring
import Testing

/// A shorter run of what `suyo drift simulate` measures in full: the same harness, fewer series.
@Suite struct FalseAlarmTests {
    @Test(arguments: DriftScenario.allCases.filter(\.isStable))
    func nothingHappensWhereNothingChanges(_ scenario: DriftScenario) async {
        let figures = await DriftSimulation(series: 100, days: 365, seed: 5).run(scenario)
        #expect(figures.falseAlarms <= 1, "\(scenario.rawValue): \(figures.falseAlarms) false alarms per series-year")
        #expect(figures.falseAlarms > 0, "a monitor that never speaks proves nothing")
        #expect(figures.daysOpened <= 0.05)
    }

    @Test(arguments: [
        (DriftScenario.levelShift, 21.0), (.varianceDoubled, 45), (.seasonSwapped, 35), (.forecastBias, 60),
    ])
    func aRealChangeIsFoundInTime(_ scenario: DriftScenario, days: Double) async {
        let figures = await DriftSimulation(series: 200, days: 270, seed: 5).run(scenario)
        #expect(figures.medianDelay <= days, "\(scenario.rawValue): median of \(figures.medianDelay) days")
        // Of 200 series with a rate of 0.95 in truth, fewer than 0.91 are found in one run of a hundred (binomial).
        #expect(figures.found >= 0.91, "\(scenario.rawValue): \(figures.found) found")
    }

    @Test func theFiguresAreTheSameForAnyNumberOfThreads() async {
        let simulation = DriftSimulation(series: 12, days: 120, seed: 3)
        let one = await simulation.run(.levelShift, threads: 1)
        #expect(await simulation.run(.levelShift, threads: 5).medianDelay == one.medianDelay)
        #expect(await simulation.run(.levelShift, threads: 2).falseAlarms == one.falseAlarms)
    }
}
