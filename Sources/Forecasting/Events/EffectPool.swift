internal import LinearAlgebra
internal import TimeSeries

/// Effects learnt from many series at once, which no single one has enough holidays or promotions to tell.
///
/// Each series' effects are held to be drawn from N(μ, P⁻¹). With A and c of its regression, its estimate alone has the
/// covariance `P⁻¹ + A⁻¹` about μ, so that by generalised least squares `Σ (P − P(A + P)⁻¹P) μ = Σ P(A + P)⁻¹c`, to which
/// P is added on the left, as μ is held to be near 0 itself.
enum EffectPool {
    /// Series that are asked; beyond this many, every so many-th.
    private static let largest = 512
    /// Series per task; fixed, so that sums do not depend on the number of threads.
    private static let chunk = 32

    /// What each series tells.
    private struct Sums: Sendable {
        var keys: [EffectKey: Int] = [:]
        var matrix: [[Double]] = []
        var vector: [Double] = []

        mutating func column(_ key: EffectKey) -> Int {
            if let column = keys[key] { return column }
            keys[key] = vector.count
            vector.append(0)
            for row in matrix.indices { matrix[row].append(0) }
            matrix.append([Double](repeating: 0, count: vector.count))
            return vector.count - 1
        }

        mutating func add(_ other: Sums) {
            let places = other.keys.sorted { $0.value < $1.value }.map { column($0.key) }
            for (row, place) in places.enumerated() {
                vector[place] += other.vector[row]
                for (column, other) in zip(places, other.matrix[row]) { matrix[place][column] += other }
            }
        }
    }

    /// What the effects of the series are held to be before one shows its own.
    ///
    /// - Throws: `CancellationError`.
    static func prior(
        of series: [DemandSeries], configuration: ForecastConfiguration, holidays: HolidayEffects
    ) async throws -> EffectPrior {
        guard series.count > 1, !holidays.days.isEmpty || series.contains(where: { !$0.events.isEmpty }) else {
            return .uninformed
        }
        let stride = (series.count + largest - 1) / largest
        let asked = Swift.stride(from: 0, to: series.count, by: stride).map { series[$0] }
        let chunks = Swift.stride(from: 0, to: asked.count, by: chunk).map {
            Array(asked[$0..<min($0 + chunk, asked.count)])
        }
        let parts = try await ParallelSeries.map(chunks, threads: configuration.threads) { chunk in
            var sums = Sums()
            for one in chunk { add(one, to: &sums, configuration: configuration, holidays: holidays) }
            return sums
        }
        var all = Sums()
        for part in parts { all.add(part) }
        let order = all.vector.count
        guard order > 0 else { return .uninformed }
        var matrix = all.matrix.flatMap { $0 }
        var vector = all.vector
        for (key, column) in all.keys { matrix[column * order + column] += EffectPrior.uninformed.weight(key) }
        do { try Cholesky.solve(&matrix, &vector, order: order) } catch { return .uninformed }
        return EffectPrior(shared: all.keys.mapValues { vector[$0] })
    }

    private static func add(
        _ series: DemandSeries, to sums: inout Sums, configuration: ForecastConfiguration, holidays: HolidayEffects
    ) {
        var notes: [String] = []
        guard let history = History(series, season: configuration.season, notes: &notes) else { return }
        let design = EffectDesign(
            start: history.start, count: history.count, holidays: holidays, events: series.events)
        let regression = EffectRegression(
            history.values, count: history.count, season: history.season, design: design, prior: .uninformed)
        let shared = regression.keys.indices.filter { regression.keys[$0].isShared }
        let order = regression.keys.count
        let places = shared.map { sums.column(regression.keys[$0]) }
        // Differing between series by half the size that effects have.
        let weights = regression.keys.map { 4 * EffectPrior.uninformed.weight($0) }
        var matrix = regression.squares
        for diagonal in 0..<order { matrix[diagonal * order + diagonal] += weights[diagonal] }
        // The columns of (A + P)⁻¹P, one after another.
        var solved = [Double](repeating: 0, count: order * shared.count)
        for (index, column) in shared.enumerated() { solved[index * order + column] = weights[column] }
        do { try Cholesky.solve(&matrix, &solved, order: order, sides: shared.count) } catch { return }
        for (index, column) in shared.enumerated() {
            for (other, row) in shared.enumerated() {
                let own = row == column ? weights[row] : 0
                sums.matrix[places[other]][places[index]] += own - weights[row] * solved[index * order + row]
            }
            for row in 0..<order {
                sums.vector[places[index]] += solved[index * order + row] * regression.moments[row]
            }
        }
    }
}
