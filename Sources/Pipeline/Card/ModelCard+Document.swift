internal import Monitoring
internal import TimeSeries

extension ModelCard {
    /// The card as a page.
    public var document: CardDocument {
        CardDocument(
            title: "Model card: version \(versionID) of \(portfolio)",
            sections: [purpose, data, models, accuracy, steps, coverage, segments] + published + [
                history, stillRight, changes, limits,
            ])
    }

    private var purpose: CardDocument.Section {
        let grain =
            switch specification.grain {
            case .itemSite: "each item at each site"
            case .item: "each item over all sites"
            case .itemSiteCustomer: "each item at each site for each customer"
            }
        return CardDocument.Section(
            "What it is for",
            [
                "Forecasts the \(specification.frequency.rawValue) demand of \(grain), \(specification.horizon) steps ahead, with quantiles, for replenishment and planning. It covers \(series.count) series.",
                isChampion ? "It is the champion: its forecasts are the ones in use." : "It is not in use now.",
            ])
    }

    private var data: CardDocument.Section {
        CardDocument.Section(
            "Data and lineage",
            ["Demand from \(dataFrom) through \(dataThrough)."] + notes,
            table: CardDocument.Table(columns: ["what", "value"], rows: lineage.map { [$0.name, $0.value] }))
    }

    private var models: CardDocument.Section {
        var counts: [String: (series: Int, actual: Double, error: Double)] = [:]
        for one in series {
            let before = counts[one.model] ?? (0, 0, 0)
            counts[one.model] = (before.series + 1, before.actual + one.actual, before.error + one.error)
        }
        let rows = counts.sorted { ($1.value.series, $0.key) < ($0.value.series, $1.key) }
        return CardDocument.Section(
            "Models", ["Asked for: \(specification.model). Chosen by error on rolling origins, series by series."],
            table: CardDocument.Table(
                columns: ["model", "series", "share", "WAPE"],
                rows: rows.map { name, value in
                    [
                        name, "\(value.series)", Figure.percent(Double(value.series) / Double(series.count)),
                        Figure.percent(value.actual > 0 ? value.error / value.actual : nil),
                    ]
                }))
    }

    /// The model in the challenger's place, the seasonal naive in the champion's.
    private var comparisons: [GateVerdict.Comparison] {
        PairedComparison(seed: specification.seed).compare(
            series.filter { $0.scored > 0 }.map { one in
                PairedSeries(
                    site: one.site, demandClass: one.demandClass, actual: one.actual, championSigned: 0,
                    challengerSigned: 0, origins: [.init(champion: one.naiveError, challenger: one.error)])
            })
    }

    private var accuracy: CardDocument.Section {
        guard let all = comparisons.first else {
            return CardDocument.Section("Accuracy in the backtest", ["No series was long enough for a backtest."])
        }
        return CardDocument.Section(
            "Accuracy in the backtest",
            [
                "WAPE \(Figure.percent(all.challengerWAPE)), seasonal naive \(Figure.percent(all.championWAPE)) on the same points of \(all.series) series.",
                "Its error differs from the naive's by \(Figure.percent(all.difference)), between \(Figure.percent(all.lower)) and \(Figure.percent(all.upper)) with 90 % confidence (bootstrap over series).",
            ],
            chart: CardDocument.Chart(
                shape: .bars, title: "WAPE of model and seasonal naive", names: ["this version", "seasonal naive"],
                values: [all.challengerWAPE ?? 0, all.championWAPE ?? 0]))
    }

    private var steps: CardDocument.Section {
        let length = series.map(\.stepErrors.count).max() ?? 0
        let means = (0..<length).map { step in
            let values = series.compactMap { $0.stepErrors.indices.contains(step) ? $0.stepErrors[step] : nil }
            return values.reduce(0, +) / Double(values.count)
        }
        guard let first = means.first, let last = means.last else {
            return CardDocument.Section("Error by step", ["Not known."])
        }
        return CardDocument.Section(
            "Error by step",
            [
                "Mean absolute scaled error: \(Figure.decimal(first, 2)) at step 1, \(Figure.decimal(last, 2)) at step \(length)."
            ],
            chart: CardDocument.Chart(
                shape: .line, title: "Mean absolute scaled error by step", names: (1...length).map { "step \($0)" },
                values: means))
    }

    private var coverage: CardDocument.Section {
        let points = Double(series.reduce(0) { $0 + $1.scored })
        guard points > 0 else { return CardDocument.Section("Intervals", ["Not known."]) }
        let in80 = series.reduce(0) { $0 + $1.coverage80 * Double($1.scored) } / points
        let in95 = series.reduce(0) { $0 + $1.coverage95 * Double($1.scored) } / points
        return CardDocument.Section(
            "Intervals",
            ["The 80 % interval held \(Figure.percent(in80)) of what came, the 95 % interval \(Figure.percent(in95))."])
    }

    private var segments: CardDocument.Section {
        let segments = comparisons.dropFirst()
        let doubtful = segments.filter { $0.upper > 0 }.map(\.name)
        var paragraphs = [
            "ABC class of demand × how it arrives × site, where there are \(GateRules().smallestSegment) series or more; least gain over the naive first. Bounds hold for all segments at once."
        ]
        if segments.isEmpty {
            paragraphs = ["No segment is large enough to be judged by itself."]
        } else if !doubtful.isEmpty {
            paragraphs.append("Not shown to be better than the seasonal naive: \(doubtful.joined(separator: ", ")).")
        }
        return CardDocument.Section(
            "Where it is poor", paragraphs,
            table: segments.isEmpty
                ? nil
                : CardDocument.Table(
                    columns: ["segment", "series", "WAPE", "naive", "difference", "lower", "upper"],
                    rows: segments.map {
                        [
                            $0.name, "\($0.series)", Figure.percent($0.challengerWAPE), Figure.percent($0.championWAPE),
                            Figure.percent($0.difference), Figure.percent($0.lower), Figure.percent($0.upper),
                        ]
                    }))
    }

    private var published: [CardDocument.Section] {
        guard !matured.isEmpty else { return [] }
        return [
            CardDocument.Section(
                "What became of its published forecasts", [],
                table: CardDocument.Table(columns: ["stage", "forecasts", "WAPE", "bias"], rows: matured))
        ]
    }

    private var history: CardDocument.Section {
        CardDocument.Section(
            "Gate and promotions", verdict + shadow + (promotions.isEmpty ? ["It never was the champion."] : []),
            table: promotions.isEmpty
                ? nil : CardDocument.Table(columns: ["when", "what", "by", "why"], rows: promotions))
    }

    private var stillRight: CardDocument.Section {
        CardDocument.Section(
            "Drift", drift.isEmpty ? ["No check for drift has been made while it was the champion."] : drift,
            table: incidents.isEmpty
                ? nil : CardDocument.Table(columns: ["since", "incident", "state"], rows: incidents))
    }

    private var changes: CardDocument.Section {
        CardDocument.Section(
            "What people changed",
            overrides.isEmpty ? ["Nobody overrode a forecast of this portfolio since it was made."] : [],
            table: overrides.isEmpty
                ? nil : CardDocument.Table(columns: ["when", "who", "what", "why"], rows: overrides))
    }

    private var limits: CardDocument.Section {
        let unscored = series.count { $0.scored == 0 }
        var paragraphs = [
            "It knows past demand, holidays and events it was told of; not competitors, weather or prices it was not told of.",
            "Demand while nothing was in stock is taken as missing, so forecasts are of demand, not of sales.",
            "It says nothing beyond \(specification.horizon) steps, and its quantiles are calibrated on errors of the past: a world that changes makes them too narrow.",
        ]
        if unscored > 0 {
            paragraphs.append("\(unscored) series were too short for a backtest: their accuracy is not known.")
        }
        return CardDocument.Section("Limits of use", paragraphs)
    }
}
