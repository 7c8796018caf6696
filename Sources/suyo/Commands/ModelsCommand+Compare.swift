import ArgumentParser
import Monitoring
import Pipeline
import Store
import Terminal
import TimeSeries

extension ModelsCommand {
    struct Compare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compares two versions: what changed, and for whom it got better or worse.",
            discussion: """
                Differences are shares of the first version's error, negative where the second has less, with bounds that
                hold with 90 % over all series, and for all segments at once.

                Example:  suyo models compare 11 12
                """)
        @Argument(help: "Number of the version before.") var before: Int64
        @Argument(help: "Number of the version after.") var after: Int64
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if before == after { throw ValidationError("Both are version \(before): name two different ones.") }
        }

        func run() async throws {
            let workspace = try await Workspace.open(options)
            let registry = ModelRegistry(database: workspace.database)
            let comparison = VersionComparison(try await registry.pairs(before, after))
            guard output.format == .table else { return output.print(segments(of: comparison)) }
            let differences = try await ReportStore(database: workspace.database).lineageDifferences(before, after)
            print(summary(of: comparison))
            if !differences.rows.isEmpty {
                print()
                output.print(Report(differences))
            }
            if !comparison.comparisons.isEmpty {
                print()
                output.print(segments(of: comparison))
            }
            for (title, movers) in [("Better:", comparison.better), ("Worse:", comparison.worse)] where !movers.isEmpty
            {
                print("\n\(title)")
                output.print(report(of: movers))
            }
        }

        private func summary(of comparison: VersionComparison) -> String {
            var text = "\(grouped(comparison.common)) series in both"
            if comparison.added > 0 { text += ", \(grouped(comparison.added)) in \(after) only" }
            if comparison.removed > 0 { text += ", \(grouped(comparison.removed)) in \(before) only" }
            text +=
                "; of those in both \(grouped(comparison.otherModel)) have another model, \(grouped(comparison.otherParameters)) the same with other parameters."
            if comparison.sameData < comparison.common {
                text +=
                    "\n\(grouped(comparison.common - comparison.sameData)) were trained on other values: there the difference tells of the days as well as of the models."
            }
            return text
        }

        private func segments(of comparison: VersionComparison) -> Report {
            func number(_ value: Double?) -> Report.Value { value.map { .number(decimal($0, 3)) } ?? .null }
            return Report(
                columns: ["segment", "series", "before", "after", "difference", "lower", "upper"],
                rows: comparison.comparisons.map {
                    [
                        .text($0.name), .number("\($0.series)"), number($0.championWAPE), number($0.challengerWAPE),
                        number($0.difference), number($0.lower), number($0.upper),
                    ]
                })
        }

        private func report(of movers: [VersionComparison.Mover]) -> Report {
            Report(
                columns: ["item", "site", "model before", "model after", "wape before", "wape after"],
                rows: movers.map {
                    [
                        .text($0.key.item), $0.key.site.map { .text($0) } ?? .null, .text($0.modelBefore),
                        .text($0.modelAfter), .number(decimal($0.wapeBefore, 3)), .number(decimal($0.wapeAfter, 3)),
                    ]
                })
        }
    }
}
