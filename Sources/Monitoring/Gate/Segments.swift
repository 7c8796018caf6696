/// Which segments series belong to: ABC class × demand class × site, and all of them together as group 0.
struct Segments {
    /// The name of each group; 0 is `all`.
    let names: [String]
    /// The groups of each series.
    let memberships: [[Int]]

    /// Segments with at least `smallest` series.
    init(_ series: [PairedSeries], smallest: Int) {
        let letters = Segments.letters(series.map(\.actual))
        let labels = zip(series, letters).map { one, letter in
            [letter, one.demandClass, one.site].compactMap { $0 }.joined(separator: " ")
        }
        var counts: [String: Int] = [:]
        for label in labels { counts[label, default: 0] += 1 }
        let large = counts.filter { $0.value >= smallest }.keys.sorted()
        var places: [String: Int] = [:]
        for (place, name) in large.enumerated() { places[name] = place + 1 }
        names = ["all"] + large
        memberships = labels.map { label in places[label].map { [0, $0] } ?? [0] }
    }

    /// A for the series that make up the first 80 % of demand, largest first, B for the next 15 %, C for the rest.
    static func letters(_ demand: [Double]) -> [String] {
        let order = demand.indices.sorted { (demand[$1], $0) < (demand[$0], $1) }
        let all = demand.reduce(0, +)
        var letters = [String](repeating: "C", count: demand.count)
        var before = 0.0
        for index in order {
            letters[index] = before < 0.8 * all ? "A" : before < 0.95 * all ? "B" : "C"
            before += demand[index]
        }
        return letters
    }
}
