import Foundation
import Intake
import SampleCompany
import Store
import TabularText
import TimeSeries

/// The sample company on its way through the same doors as anybody's data.
struct DemoCompany {
    /// The name under which the company's orders stand.
    static let source = "sample-company"
    /// Items whose forecasts are drawn: weekly-cycled, seasonal, and a slow spare part.
    static let shownItems = ["A1001", "A3002", "C3001"]

    let seed: UInt64
    let database: Database

    /// Writes the company's files, to a folder that stays where one is named, and imports each.
    func takeIn(keeping folder: String?) async throws {
        let path = folder ?? NSTemporaryDirectory() + "suyo-demo-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { if folder == nil { try? FileManager.default.removeItem(atPath: path) } }
        let today = CivilDate(daysSinceEpoch: Int(Date().timeIntervalSince1970) / 86_400)
        let files = try SampleCompany(seed: seed, endingOn: CivilDate(daysSinceEpoch: today.daysSinceEpoch - 1))
            .writeFiles(to: path)
        for file in files {
            guard let kind = IntakeKind(rawValue: file.kind) else {
                preconditionFailure("the sample company writes only kinds that can be imported")
            }
            let outcome = try await FileIntake(
                ByteSource(path: file.path), plan: IntakePlan(kind: kind, mapping: nil, source: DemoCompany.source)
            )
            .run(into: database, dryRun: false)
            let report = outcome.report
            let rejected = report.rejected > 0 ? ", \(grouped(report.rejected)) rejected on purpose" : ""
            print(
                "   \(file.kind): \(grouped(report.accepted)) records\(rejected) in \(decimal(outcome.seconds, 1)) s")
        }
    }

    /// Draws a few of the forecasts.
    func showForecasts() async throws {
        let store = ReportStore(database: database)
        for item in DemoCompany.shownItems {
            guard let chart = try await store.charts(item: item, site: nil).first else { continue }
            ForecastPicture(chart).print()
        }
    }
}
