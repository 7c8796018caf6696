/// Seasonal effects that stay as they were estimated, and which bucket of the cycle comes next.
struct SeasonalPattern: Sendable, Codable, Hashable {
    /// How the season is taken out.
    enum Kind: String, Sendable, Codable, Hashable { case none, additive, multiplicative }

    /// How the season is taken out.
    let kind: Kind
    /// One effect per bucket of the cycle; a single neutral one without a season.
    let effects: [Double]
    /// The place in `effects` of the next bucket.
    private(set) var position: Int

    /// A pattern whose next bucket is the first of `effects`.
    init(_ kind: Kind, effects: [Double]) {
        self.kind = kind
        self.effects = kind == .none ? [0] : effects
        position = 0
    }

    /// Moves on to the bucket after the next.
    mutating func advance() {
        position += 1
        if position == effects.count { position = 0 }
    }

    /// A value of the next bucket without its season; NaN stays NaN.
    func adjusted(_ value: Double) -> Double {
        switch kind {
        case .none: value
        case .additive: value - effects[position]
        case .multiplicative: value / effects[position]
        }
    }

    /// The first `count` values without their season, the first being of the next bucket.
    func adjusted(_ values: [Double], count: Int) -> [Double] {
        var pattern = self
        return values[0..<count].map { value in
            defer { pattern.advance() }
            return pattern.adjusted(value)
        }
    }

    /// The effect of a step ahead, from 0.
    func effect(ahead step: Int) -> Double { effects[(position + step) % effects.count] }

    /// What the season adds to a mean without it at a step ahead, from 0.
    func part(of base: Double, ahead step: Int) -> Double {
        switch kind {
        case .none: 0
        case .additive: effect(ahead: step)
        case .multiplicative: base * (effect(ahead: step) - 1)
        }
    }

    /// Appends the season to a forecast without it: a component and the coming cycle as part of the state.
    func describe(_ outlook: inout Outlook, horizon: Int) {
        guard kind != .none else { return }
        let values = (0..<horizon).map { step in
            part(of: outlook.components.reduce(0) { $0 + $1.values[step] }, ahead: step)
        }
        outlook.components.append(Component(name: "season", values: values))
        for step in effects.indices {
            if kind == .multiplicative { outlook.unitless.insert(outlook.state.count) }
            outlook.state.append(effect(ahead: step))
            outlook.stateNames.append("season+\(step + 1)")
        }
    }
}
