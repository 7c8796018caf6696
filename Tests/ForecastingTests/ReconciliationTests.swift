import Forecasting
import Testing
import TimeSeries

/// Reconciled forecasts are the generalised least squares solution, computed here the other way round and with every matrix
/// written out.
@Suite struct ReconciliationTests {
    private static let horizon = 7
    private static let groups = 3
    private static let parts = 12

    /// Series that share a walk, with a week; and their totals: three groups, the whole, and the whole once more.
    private struct Company {
        var parts: [(demand: DemandSeries, forecast: SeriesForecast, totals: [Int])] = []
        var totals: [(demand: DemandSeries, forecast: SeriesForecast)] = []

        static func made(seed: UInt64 = 3, length: Int = 120, shared: Double = 0.03) async throws -> Company {
            var generator = SplitMix(seed: seed)
            var common = 0.0
            let walk = (0..<length).map { _ -> Double in
                common += shared * generator.normal()
                return common
            }
            let values = (0..<ReconciliationTests.parts).map { _ in
                let level = 20 + 100 * generator.uniform()
                return (0..<length).map { time -> Double in
                    // Nothing on Sundays.
                    time % 7 == 6 ? 0 : max(0, level * (1 + walk[time] + 0.3 * generator.normal()))
                }
            }
            let sums = (0...ReconciliationTests.groups).map { group in
                (0..<length).map { time in
                    values.indices.reduce(0.0) { sum, part in
                        group == ReconciliationTests.groups || part % ReconciliationTests.groups == group
                            ? sum + values[part][time] : sum
                    }
                }
            }
            func series(_ name: String, _ values: [Double]) -> DemandSeries {
                DemandSeries(
                    key: SeriesKey(item: name), start: Bucket(frequency: .daily, ordinal: 20_000), values: values)
            }
            let engine = try ForecastEngine(
                configuration: ForecastConfiguration(
                    frequency: .daily, season: 7, horizon: ReconciliationTests.horizon, cumulative: true))
            let own = values.enumerated().map { series("\($0)", $1) }
            let all = (sums + [sums[ReconciliationTests.groups]]).enumerated().map { series("total \($0)", $1) }
            var company = Company()
            for (place, forecast) in try await engine.forecast(own).enumerated() {
                company.parts.append((own[place], forecast, [place % ReconciliationTests.groups, 3, 4]))
            }
            company.totals = Array(zip(all, try await engine.forecast(all)))
            return company
        }

        var reconciliation: Reconciliation {
            Reconciliation(horizon: ReconciliationTests.horizon, totals: totals, parts: parts)
        }
    }

    @Test(arguments: [ReconciliationMethod.wls, .mint]) func isTheLeastSquaresSolution(_ method: ReconciliationMethod)
        async throws
    {
        let company = try await Company.made()
        let moved = company.reconciliation.adjustments(method, nonNegative: false)
        let dense = DenseReconciliation(
            totals: company.totals.dropLast().map { ($0.demand, $0.forecast) },
            parts: company.parts.map { ($0.demand, $0.forecast) },
            memberships: company.parts.map { $0.totals.filter { $0 < 4 } }, usesCovariance: method == .mint)
        // Sundays are left out, where the matrix to invert would be singular.
        var compared = 0
        for step in 0..<ReconciliationTests.horizon where company.parts.allSatisfy({ $0.forecast.mean[step] > 0 }) {
            let expected = dense.reconciled(step)
            for part in company.parts.indices {
                let mean = company.parts[part].forecast.mean[step]
                // The diagonal is raised by a billionth or two to be invertible; the system is no worse than 1e4.
                #expect(
                    abs(mean + moved[part][step] - expected[part]) < 1e-4 * (1 + mean), "part \(part), step \(step)")
            }
            compared += 1
        }
        #expect(compared >= 5)
        #expect(moved.contains { $0.contains { $0.magnitude > 0.1 } })
    }

    @Test func aTotalThatIsOffIsMetAndASundayStaysEmpty() async throws {
        var company = try await Company.made()
        // Everybody says a hundred more of the whole, and of its copy.
        for place in [3, 4] {
            company.totals[place].forecast.mean = company.totals[place].forecast.mean.map { $0 + 100 }
        }
        let before = try await Company.made().reconciliation.adjustments(.mint, nonNegative: true)
        let after = company.reconciliation.adjustments(.mint, nonNegative: true)
        for step in 0..<ReconciliationTests.horizon {
            let sunday = company.parts.allSatisfy { $0.forecast.mean[step] == 0 }
            let gain = company.parts.indices.reduce(0.0) { $0 + after[$1][step] - before[$1][step] }
            if sunday { #expect(after.allSatisfy { $0[step] == 0 }) } else { #expect(gain > 10 && gain < 110) }
        }
    }

    /// A total's own forecast knows nothing of a promotion that its series' does.
    @Test func aPromotionOfSomeSeriesIsNotTakenBack() async throws {
        let before = try await Company.made()
        var company = before
        for place in 0..<4 {
            let uplift = company.parts[place].forecast.mean.map { 2 * $0 }
            company.parts[place].forecast.mean = company.parts[place].forecast.mean.map { 3 * $0 }
            company.parts[place].forecast.components.append(Component(name: "event", values: uplift))
        }
        let (plain, promoted) = (
            before.reconciliation.adjustments(.mint, nonNegative: true),
            company.reconciliation.adjustments(.mint, nonNegative: true)
        )
        /// What events add, and how much less reconciliation adds in turn, over all steps.
        func uplift() -> Double {
            (0..<4).reduce(0.0) { $0 + 2 * before.parts[$1].forecast.mean.reduce(0, +) }
        }
        func taken(_ adjustments: [[Double]]) -> Double {
            zip(plain, adjustments).reduce(0.0) { $0 + $1.0.reduce(0, +) - $1.1.reduce(0, +) }
        }
        #expect(abs(taken(promoted)) <= 0.1 * uplift(), "\(taken(promoted)) of \(uplift())")
        // Without the word for it, most of it would be.
        for place in 0..<4 { company.parts[place].forecast.components.removeLast() }
        let unknown = company.reconciliation.adjustments(.mint, nonNegative: true)
        #expect(taken(unknown) > 0.3 * uplift(), "\(taken(unknown)) of \(uplift())")
    }

    @Test func nothingIsMovedWithoutABacktestOrTotals() async throws {
        let company = try await Company.made()
        let short = try await Company.made(length: 3)
        #expect(short.totals.allSatisfy { $0.forecast.backtest == nil })
        #expect(short.reconciliation.trial(.mint, nonNegative: true) == nil)
        #expect(short.reconciliation.adjustments(.mint, nonNegative: true).allSatisfy { $0.allSatisfy { $0 == 0 } })
        let alone = Reconciliation(
            horizon: ReconciliationTests.horizon, totals: [], parts: company.parts.map { ($0.demand, $0.forecast, []) })
        #expect(alone.adjustments(.wls, nonNegative: true).allSatisfy { $0.allSatisfy { $0 == 0 } })
        #expect(alone.trial(.wls, nonNegative: true) == nil)
        #expect(
            company.reconciliation.adjustments(.bottomUp, nonNegative: true).allSatisfy { $0.allSatisfy { $0 == 0 } })
        #expect(alone.isEmpty && !company.reconciliation.isEmpty)
        let single = Reconciliation(
            horizon: ReconciliationTests.horizon, totals: company.totals,
            parts: [(company.parts[0].demand, company.parts[0].forecast, [0, 3, 4])])
        #expect(single.isEmpty)
        #expect(Reconciliation(horizon: 3, totals: [], parts: []).adjustments(.mint, nonNegative: true).isEmpty)
    }

    @Test func whatHasNothingInCommonIsNotMadeWorse() async throws {
        // Over several companies the trial says of shared demand that totals gain, and is believed only where they do.
        var (helped, before, after) = (0, 0.0, 0.0)
        for seed in 1...6 as ClosedRange<UInt64> {
            let trial = try #require(
                try await Company.made(seed: seed).reconciliation.trial(.mint, nonNegative: true))
            #expect(trial.origins > 1 && trial.totalsBefore > 0 && trial.seriesBefore > 0)
            #expect(
                trial.helps
                    == (trial.totalsAfter < trial.totalsBefore && trial.seriesAfter <= 1.005 * trial.seriesBefore))
            if trial.helps { helped += 1 }
            before += trial.totalsBefore
            after += trial.totalsAfter
        }
        #expect(helped >= 3 && after < before, "\(helped) of 6: \(before) to \(after)")
    }

    @Test func aReconciledForecastAddsUpAndStaysOrdered() async throws {
        let company = try await Company.made()
        let moved = company.reconciliation.adjustments(.mint, nonNegative: true)
        for (part, adjustment) in zip(company.parts, moved) {
            let forecast = part.forecast.reconciled(by: adjustment)
            #expect(forecast.components.last?.name == SeriesForecast.reconciliation)
            for step in forecast.mean.indices {
                #expect(forecast.components.reduce(0.0) { $0 + $1.values[step] } == forecast.mean[step])
                #expect(forecast.mean[step] >= 0)
            }
            let levels = forecast.quantileLevels.count
            for quantiles in [forecast.quantiles, forecast.cumulativeQuantiles ?? []] {
                #expect(quantiles.allSatisfy { $0.isFinite && $0 >= 0 })
                for place in quantiles.indices.dropFirst() where place % levels > 0 {
                    #expect(quantiles[place - 1] <= quantiles[place])
                }
            }
        }
        // Taking away all that there is leaves exactly nothing.
        let mean = company.parts[0].forecast.mean
        #expect(company.parts[0].forecast.reconciled(by: mean.map { -$0 }).mean.allSatisfy { $0 == 0 })
    }
}

/// Generalised least squares over all series and totals, P = S (S′W⁻¹S)⁻¹ S′W⁻¹, with W as documented and written out.
private struct DenseReconciliation {
    let rows: [(demand: DemandSeries, forecast: SeriesForecast)]
    let totals: Int
    let memberships: [[Int]]
    /// Error over scale, row × point.
    private var errors: [[Double]] = []
    private var levels: [Double] = []
    private var shrinkage = 1.0

    init(
        totals: [(DemandSeries, SeriesForecast)], parts: [(DemandSeries, SeriesForecast)], memberships: [[Int]],
        usesCovariance: Bool
    ) {
        rows = totals + parts
        self.totals = totals.count
        self.memberships = memberships
        for row in rows {
            var (forecasts, found): ([Double], [Double]) = ([], [])
            for fold in row.forecast.backtest?.folds ?? [] {
                for step in 0..<fold.errors.count {
                    forecasts.append(max(row.demand.values[fold.known + step] - fold.errors[step], 0))
                    found.append(fold.errors[step])
                }
            }
            let level = forecasts.reduce(0, +) / Double(forecasts.count)
            levels.append(level)
            errors.append(
                zip(found, forecasts).map { error, forecast in
                    let scale = (forecast / level).squareRoot()
                    return scale < 0.05 ? 0 : error / scale
                })
        }
        if usesCovariance { shrinkage = intensity() }
    }

    private func covariance(_ one: Int, _ other: Int) -> Double {
        zip(errors[one], errors[other]).reduce(0) { $0 + $1.0 * $1.1 } / Double(errors[one].count)
    }

    /// Points at which something was forecast.
    private func known(_ row: Int) -> Int {
        var count = 0
        for fold in rows[row].forecast.backtest?.folds ?? [] {
            for step in 0..<fold.errors.count {
                let forecast = max(rows[row].demand.values[fold.known + step] - fold.errors[step], 0)
                if (forecast / levels[row]).squareRoot() >= 0.05 { count += 1 }
            }
        }
        return count
    }

    private func variance(_ row: Int) -> Double {
        covariance(row, row) * Double(errors[row].count) / Double(known(row))
    }

    /// Pair by pair.
    private func intensity() -> Double {
        let points = errors[0].count
        var (variances, squares) = (0.0, 0.0)
        for one in errors.indices {
            for other in errors.indices where other != one {
                let unit = (variance(one) * variance(other)).squareRoot()
                let products = (0..<points).map { errors[one][$0] * errors[other][$0] / unit }
                let mean = products.reduce(0, +) / Double(points)
                squares += mean * mean
                variances +=
                    products.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(points) / Double(points - 1)
            }
        }
        return min(1, max(0, variances / squares))
    }

    func reconciled(_ step: Int) -> [Double] {
        let count = rows.count
        let parts = count - totals
        let scales = rows.indices.map { (rows[$0].forecast.mean[step] / levels[$0]).squareRoot() }
        let weight = rows.indices.map { one in
            rows.indices.map { other in
                let shrunk =
                    one == other
                    ? shrinkage * variance(one) + (1 - shrinkage) * covariance(one, one)
                    : (1 - shrinkage) * covariance(one, other)
                return scales[one] * scales[other] * shrunk
            }
        }
        let sums = rows.indices.map { row in
            (0..<parts).map { part in
                row < totals ? (memberships[part].contains(row) ? 1.0 : 0) : row - totals == part ? 1 : 0
            }
        }
        // W⁻¹S, then S′W⁻¹S b = (W⁻¹S)′ŷ.
        let columns = (0..<parts).map { part in solved(weight, sums.map { $0[part] }) }
        let normal = (0..<parts).map { one in
            (0..<parts).map { other in (0..<count).reduce(0.0) { $0 + sums[$1][one] * columns[other][$1] } }
        }
        let right = (0..<parts).map { part in
            (0..<count).reduce(0.0) { $0 + columns[part][$1] * rows[$1].forecast.mean[step] }
        }
        return solved(normal, right)
    }

    /// Gauss with the largest pivot.
    private func solved(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var (a, b) = (matrix, right)
        for column in b.indices {
            let pivot = (column..<b.count).max { a[$0][column].magnitude < a[$1][column].magnitude }!
            a.swapAt(column, pivot)
            b.swapAt(column, pivot)
            for row in (column + 1)..<max(b.count, column + 1) {
                let factor = a[row][column] / a[column][column]
                if factor == 0 { continue }
                for place in column..<b.count { a[row][place] -= factor * a[column][place] }
                b[row] -= factor * b[column]
            }
        }
        for row in b.indices.reversed() {
            for place in (row + 1)..<max(b.count, row + 1) { b[row] -= a[row][place] * b[place] }
            b[row] /= a[row][row]
        }
        return b
    }
}
