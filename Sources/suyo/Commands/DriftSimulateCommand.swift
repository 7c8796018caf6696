import ArgumentParser
import Monitoring
import Terminal

extension DriftCommand {
    struct Simulate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures false alarms and delays on series made up from a seed, two years of daily checks each.",
            discussion: """
                Example:  suyo drift simulate --series 1000
                'false_alarms' are per series-year; 'opened' is the share of days on which a thousand series without any
                change get an incident; 'found' and 'days' are of a series' own alarm, 'together' and 'alone' of the
                incident, where a tenth of a thousand series change within four weeks and where one does.
                """)
        @Option(help: "Series of each kind; a tenth as many, but 200 at least, of those that change.") var series = 1000
        @Option(help: "Another number makes other series.") var seed: UInt64 = 1
        @Option(help: "Threads.") var threads = 2
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if series < 1 { throw ValidationError("--series is \(series); it must be 1 or more.") }
            if threads < 1 { throw ValidationError("--threads is \(threads); it must be 1 or more.") }
        }

        func run() async throws {
            var rows: [[Report.Value]] = []
            for scenario in DriftScenario.allCases {
                let simulation = DriftSimulation(
                    series: scenario.isStable ? series : max(series / 10, 200), days: scenario.isStable ? 730 : 270,
                    seed: seed)
                let clock = ContinuousClock()
                let start = clock.now
                let figures = await simulation.run(scenario, threads: threads)
                let seconds = (clock.now - start) / .seconds(1)
                rows.append([
                    .text(scenario.rawValue), .number("\(figures.series)"), number(figures.falseAlarms, 2),
                    number(figures.daysOpened, 3), scenario.isStable ? .null : number(figures.found, 3),
                    scenario.isStable ? .null : number(figures.medianDelay, 0), number(figures.tenthDelay, 0),
                    number(figures.aloneDelay, 0), number(seconds, 1),
                ])
            }
            output.print(
                Report(
                    columns: [
                        "scenario", "series", "false_alarms", "opened", "found", "days", "together", "alone", "seconds",
                    ], rows: rows))
        }

        private func number(_ value: Double, _ places: Int) -> Report.Value {
            value.isFinite ? .number(decimal(value, places)) : .null
        }
    }
}
