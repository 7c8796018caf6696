/// What holidays and events do to the coming buckets, as far as it was known at the fit.
struct UpcomingEffects: Sendable, Codable, Hashable {
    /// The factor of each coming bucket, the next one first; 1 for all after the last.
    private(set) var factors: [Double]
    /// What each component adds to one; together the factor less one.
    private var shares: [Component]

    /// Below this share of demand, so little is left that it tells nothing of the rest.
    private static let least = 0.5

    /// The effects on the buckets after a history; `nil` where nothing touches them.
    init?(after history: History, horizon: Int) {
        guard let effects = history.effects else { return nil }
        let range = history.count..<(history.count + horizon)
        factors = effects.factors(range, knownOn: nil)
        guard factors.contains(where: { $0 != 1 }) else { return nil }
        shares = effects.shares(range).map { Component(name: $0.component, values: $0.values) }
    }

    /// Demand of the next bucket without its effects; NaN where hardly any is left.
    func removed(from value: Double) -> Double {
        guard let factor = factors.first else { return value }
        return factor >= UpcomingEffects.least ? value / factor : .nan
    }

    /// Moves on to the bucket after the next.
    mutating func advance() {
        guard !factors.isEmpty else { return }
        factors.removeFirst()
        for index in shares.indices { shares[index].values.removeFirst() }
    }

    /// The mean with the effects, which are appended as components of their own.
    func apply(to base: [Double], components: inout [Component], unit: DemandUnit) -> [Double] {
        guard factors.prefix(base.count).contains(where: { $0 != 1 }) else { return base }
        for share in shares {
            var values = [Double](repeating: 0, count: base.count)
            for step in 0..<min(base.count, share.values.count) {
                values[step] = unit.bounded(base[step] * share.values[step])
            }
            guard values.contains(where: { $0 != 0 }) else { continue }
            if let index = components.firstIndex(where: { $0.name == share.name }) {
                for step in values.indices { components[index].values[step] += values[step] }
            } else {
                components.append(Component(name: share.name, values: values))
            }
        }
        return base.indices.map { step in
            // The sum in the order of the components, so that they add up to the last bit.
            let sum = components.reduce(0) { $0 + $1.values[step] }
            return unit.nonNegative ? max(sum, 0) : sum
        }
    }
}
