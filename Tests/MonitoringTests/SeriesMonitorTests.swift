import Monitoring
import Testing
import TimeSeries

@Suite struct SeriesMonitorTests {
    private let calendar = SeriesCalendar(frequency: .daily, season: 7)

    private func demand(_ days: Int, seed: UInt64 = 1) -> [Double] {
        var random = RandomStream(seed: seed, number: 0)
        return DriftScenario.weekly.series(days: days, changes: .max, random: &random)
    }

    @Test func aMonitorTakenBackEachDayGoesOnAsIfItHadNeverStopped() throws {
        let values = demand(500)
        let start = try SeriesMonitor(reference: Array(values[..<300]), start: 19_000, calendar: calendar)
        var (whole, daily) = (start, start)
        for (day, value) in values[300...].enumerated() {
            let observation: Observation = day % 11 == 0 ? .masked : day % 17 == 0 ? .missing : .known(value)
            let prediction = Prediction(mean: 100, lower: 85, upper: 115)
            let step = whole.observe(observation, prediction)
            daily = try SeriesMonitor(encoded: daily.encoded, calendar: calendar)
            #expect(daily.observe(observation, prediction) == step)
        }
        #expect(daily.encoded == whole.encoded)
        #expect(daily.finding == whole.finding)
        #expect(daily.distances == whole.distances)
    }

    @Test func theSameHistoryGivesTheSameMonitor() throws {
        let values = demand(300)
        let one = try SeriesMonitor(reference: values, start: 0, calendar: calendar, seed: 4)
        #expect(try SeriesMonitor(reference: values, start: 0, calendar: calendar, seed: 4) == one)
    }

    @Test func aStateThatIsCutShortIsRefused() throws {
        let state = try SeriesMonitor(reference: demand(300), start: 0, calendar: calendar).encoded
        #expect(throws: MonitoringError.self) {
            try SeriesMonitor(encoded: Array(state.dropLast()), calendar: calendar)
        }
        #expect(throws: MonitoringError.self) { try SeriesMonitor(encoded: state + [1], calendar: calendar) }
    }

    @Test func aShortHistoryAbstainsAndSaysSo() {
        #expect(throws: Abstention.tooFew(known: 55, needed: 56)) {
            _ = try SeriesMonitor(reference: demand(55), start: 0, calendar: calendar)
        }
        #expect(throws: Abstention.constant) {
            _ = try SeriesMonitor(reference: [Double](repeating: 3, count: 100), start: 0, calendar: calendar)
        }
    }

    @Test func maskedDaysAreNoSignOfAnything() throws {
        let values = demand(400)
        var monitor = try SeriesMonitor(reference: values, start: 0, calendar: calendar)
        let before = monitor.evidence
        for _ in 0..<60 { #expect(monitor.observe(.masked) == .quiet) }
        #expect(monitor.evidence == before)
    }

    @Test func daysThatStayUnknownAreFound() throws {
        var monitor = try SeriesMonitor(reference: demand(400), start: 0, calendar: calendar)
        var steps: [AlarmState.Step] = []
        for _ in 0..<10 { steps.append(monitor.observe(.missing)) }
        #expect(steps.contains(.raised))
        #expect(monitor.finding.detector == .missingShare)
    }

    @Test func anAlarmSaysWhatRoseAndSinceWhen() throws {
        let values = demand(500)
        var monitor = try SeriesMonitor(reference: Array(values[..<400]), start: 0, calendar: calendar)
        // Two standard deviations more from day 420 on.
        let raised = (400..<460).first { monitor.observe(.known(values[$0] + ($0 >= 420 ? 20 : 0))) == .raised }
        let day = try #require(raised)
        #expect((421..<440).contains(day))
        #expect(monitor.finding.detector == .levelUp)
        // The sum may have begun to rise by chance shortly before.
        #expect((407...421).contains(monitor.finding.since))
    }

    @Test func anAlarmEndsWhenAllIsQuietAgain() throws {
        let values = demand(700)
        var monitor = try SeriesMonitor(reference: Array(values[..<400]), start: 0, calendar: calendar)
        var steps: [AlarmState.Step] = []
        for day in 400..<700 {
            steps.append(monitor.observe(.known(values[day] + ((420..<440).contains(day) ? 30 : 0))))
        }
        let first = try #require(steps.firstIndex(of: .raised))
        #expect(steps[first...].contains(.ended))
    }
}
