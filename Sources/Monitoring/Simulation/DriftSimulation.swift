internal import TimeSeries

/// Measures false alarms and delays on made-up series; the same seed gives the same figures for any number of threads.
package struct DriftSimulation: Sendable {
    /// What was measured of one scenario.
    package struct Figures: Sendable, Hashable {
        package var scenario: DriftScenario
        package var series: Int
        /// Alarms raised before any change, per series-year.
        package var falseAlarms: Double
        /// Share of series whose change was found.
        package var found: Double
        /// Median days from the change to the alarm, over all series.
        package var medianDelay: Double
        /// Median days to the incident of a series alone among a thousand.
        package var aloneDelay: Double
        /// Median days to the incident of a series where a tenth of a thousand change alike.
        package var tenthDelay: Double
        /// Share of portfolio-days on which an incident was opened, per thousand series.
        package var daysOpened: Double
        /// Share of portfolio-days on which an incident stood.
        package var daysStanding: Double
        /// Series-days a monitor looked at.
        package var buckets: Int
    }

    package var series: Int
    /// Days watched after the reference.
    package var days: Int
    package var seed: UInt64
    /// Day after the reference on which a change comes; uniformly later by up to 28 days.
    package var changeAfter = 60

    package init(series: Int, days: Int, seed: UInt64) {
        self.series = series
        self.days = days
        self.seed = seed
    }

    /// One series' trace: the day each alarm came, and the evidence of every day.
    package struct Trace: Sendable {
        var changes: Int
        var raised: [Int]
        var standing: [ClosedRange<Int>]
        var evidence: [Float]
    }

    /// Watches one series.
    package func trace(_ scenario: DriftScenario, number: Int) -> Trace {
        var random = RandomStream(seed: seed, number: number)
        let reference = DriftScenario.referenceDays
        let changes = scenario.isStable ? .max : reference + changeAfter + random.whole(below: 28)
        let values = scenario.series(days: reference + days, changes: changes, random: &random)
        guard
            var monitor = try? SeriesMonitor(
                reference: Array(values[..<reference]), start: 0,
                calendar: SeriesCalendar(frequency: .daily, season: 7), seed: seed &+ UInt64(number))
        else { return Trace(changes: changes, raised: [], standing: [], evidence: []) }
        var trace = Trace(changes: changes - reference, raised: [], standing: [], evidence: [])
        trace.evidence.reserveCapacity(days)
        var since: Int?
        for day in reference..<reference + days {
            let step = monitor.observe(.known(values[day]), scenario.prediction(day: day, changes: changes))
            trace.evidence.append(Float(monitor.evidence))
            if step == .raised {
                trace.raised.append(day - reference)
                since = day - reference
            } else if step == .ended, let start = since {
                trace.standing.append(start...day - reference)
                since = nil
            }
        }
        return trace
    }

    /// Watches all series of a scenario, `threads` at a time.
    package func run(_ scenario: DriftScenario, threads: Int = 2) async -> Figures {
        let traces = await withTaskGroup(of: (Int, [Trace]).self) { group in
            let share = (series + threads - 1) / threads
            for thread in 0..<threads {
                group.addTask {
                    let numbers = (thread * share)..<max(thread * share, min((thread + 1) * share, series))
                    return (thread, numbers.map { trace(scenario, number: $0) })
                }
            }
            var parts = [[Trace]](repeating: [], count: threads)
            for await (thread, part) in group { parts[thread] = part }
            return parts.flatMap { $0 }
        }
        return figures(scenario, traces)
    }

    private func figures(_ scenario: DriftScenario, _ traces: [Trace]) -> Figures {
        var falseAlarms = 0
        var stableDays = 0
        var delays: [Double] = []
        for trace in traces {
            let stable = min(trace.changes, days)
            stableDays += stable
            falseAlarms += trace.raised.count { $0 < stable }
            guard !scenario.isStable else { continue }
            delays.append(trace.raised.first { $0 >= stable }.map { Double($0 - stable + 1) } ?? .infinity)
        }
        let portfolio = portfolioDays(traces, stable: scenario.isStable)
        return Figures(
            scenario: scenario, series: traces.count, falseAlarms: Double(falseAlarms) * 365 / Double(stableDays),
            found: delays.isEmpty ? 0 : Double(delays.count { $0.isFinite }) / Double(delays.count),
            medianDelay: DriftSimulation.median(delays), aloneDelay: delay(traces, among: 1000, rank: 1, scenario),
            tenthDelay: delayTogether(traces, scenario), daysOpened: portfolio.opened,
            daysStanding: portfolio.standing, buckets: traces.count * days)
    }

    /// Days to evidence that is named at that rank among so many, on two of three days.
    private func delay(_ traces: [Trace], among: Int, rank: Int, _ scenario: DriftScenario) -> Double {
        guard !scenario.isStable else { return .nan }
        let needed = PortfolioAlarm.needed(rank: rank, among: among, year: 365)
        return DriftSimulation.median(
            traces.map { trace in
                let days = trace.evidence.indices.drop { $0 < trace.changes + 1 }
                let found = days.first {
                    Double(trace.evidence[$0]) >= needed
                        && (Double(trace.evidence[$0 - 1]) >= needed
                            || $0 >= 2 && Double(trace.evidence[$0 - 2]) >= needed)
                }
                return found.map { Double($0 - trace.changes + 1) } ?? .infinity
            })
    }

    /// Median days until a hundred series are named that change within four weeks, among a thousand of which the others
    /// show no sign.
    private func delayTogether(_ traces: [Trace], _ scenario: DriftScenario) -> Double {
        guard !scenario.isStable else { return .nan }
        let changing = traces.prefix(100)
        var portfolio = PortfolioAlarm(series: 10 * changing.count, year: 365)
        var delays = [Double](repeating: .infinity, count: changing.count)
        let others = [Double](repeating: -100, count: 9 * changing.count)
        for day in 0..<days {
            for place in portfolio.step(changing.map { Double($0.evidence[day]) } + others).opened
            where day >= traces[place].changes && !delays[place].isFinite {
                delays[place] = Double(day - traces[place].changes + 1)
            }
        }
        return DriftSimulation.median(delays)
    }

    /// Portfolios of a thousand (or of all, where there are fewer): days on which an incident opened, and stood.
    private func portfolioDays(_ traces: [Trace], stable: Bool) -> (opened: Double, standing: Double) {
        guard stable, let first = traces.first, !first.evidence.isEmpty else { return (.nan, .nan) }
        let size = min(1000, traces.count)
        var (opened, standing, all) = (0, 0, 0)
        for start in stride(from: 0, through: traces.count - size, by: size) {
            var portfolio = PortfolioAlarm(series: size, year: 365)
            for day in 0..<days {
                let evidence = traces[start..<start + size].map { Double($0.evidence[day]) }
                let change = portfolio.step(evidence)
                opened += change.opened.isEmpty ? 0 : 1
                standing += portfolio.named.isEmpty ? 0 : 1
                all += 1
            }
        }
        return (Double(opened) / Double(all), Double(standing) / Double(all))
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[(sorted.count - 1) / 2]
    }
}
