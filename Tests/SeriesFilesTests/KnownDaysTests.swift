import Forecasting
import Foundation
import SeriesFiles
import TabularText
import Testing
import TimeSeries

/// Events and holidays beside a file of series.
@Suite struct KnownDaysTests {
    private func read(events: String? = nil, holidays: String? = nil) throws -> KnownDays {
        let paths = [events, holidays].map { $0 == nil ? nil : TemporaryFile.path() }
        defer { for path in paths.compactMap({ $0 }) { try? FileManager.default.removeItem(atPath: path) } }
        for (path, text) in zip(paths, [events, holidays]) {
            if let path, let text { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
        }
        return try KnownDays(events: paths[0], holidays: paths[1])
    }

    private func day(_ month: Int, _ day: Int) -> CivilDate { CivilDate(year: 2026, month: month, day: day) }

    @Test func eventsGoToTheirSeriesOrToAll() throws {
        let known = try read(
            events: """
                name,starts_on,ends_on,unique_id,kind,value,known_from
                fair,2026-05-01,2026-05-03,,,,
                offer,2026-06-01,2026-06-07,a,promotion,0.2,2026-05-15

                """)
        let fair = DemandEvent(name: "fair", kind: .other, firstDay: day(5, 1), lastDay: day(5, 3))
        let offer = DemandEvent(
            name: "offer", kind: .promotion, firstDay: day(6, 1), lastDay: day(6, 7), knownFrom: day(5, 15), value: 0.2)
        #expect(known.events(of: "a") == [fair, offer])
        #expect(known.events(of: "b") == [fair])
        #expect(known.holidays.isEmpty)
    }

    @Test func holidaysNeedDateAndName() throws {
        let known = try read(holidays: "name,date\n설날,2026-02-17\n")
        #expect(known.holidays == [Holiday(date: day(2, 17), name: "설날")])
        #expect(throws: SeriesFileError.self) { try read(holidays: "day,name\n2026-02-17,x\n") }
    }

    @Test(arguments: [
        ("fair,2026-05-01,2026-05-03,sale,", "kind"), ("fair,2026-05-32,2026-05-03,,", "starts_on"),
        ("fair,2026-05-01,,,", "ends_on"), ("fair,2026-05-03,2026-05-01,,", "ends_on"),
        ("fair,2026-05-01,2026-05-03,price,cheap", "value"),
    ])
    func aRowThatCannotBeReadStopsWithItsPlace(row: String, column: String) throws {
        let error = #expect(throws: SeriesFileError.self) {
            try read(events: "name,starts_on,ends_on,kind,value\n\(row)\n")
        }
        guard case .badRow(_, let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found.line == 2)
        #expect(found.column == column)
    }

    @Test func aPromotionThatWorkedBeforeRaisesTheForecastOfTheNext() async throws {
        var text = "unique_id,ds,y\n"
        var events = "name,starts_on,ends_on,kind,value,unique_id\n"
        let first = CivilDate(year: 2025, month: 1, day: 6)
        for day in 0..<420 {
            let date = CivilDate(daysSinceEpoch: first.daysSinceEpoch + day)
            let isPromoted = day % 35 == 20
            if isPromoted { events += "offer,\(date),\(date),promotion,0.2,\n" }
            text += "a,\(date),\(100 + day * 7919 % 11 + (isPromoted ? 80 : 0))\n"
        }
        let coming = CivilDate(daysSinceEpoch: first.daysSinceEpoch + 422)
        events += "offer,\(coming),\(coming),promotion,0.2,\nother,\(coming),\(coming),promotion,0.2,b\n"
        let known = try read(events: events)
        let (input, output) = (TemporaryFile.path(), TemporaryFile.path())
        defer { for path in [input, output] { try? FileManager.default.removeItem(atPath: path) } }
        try Data(text.utf8).write(to: URL(fileURLWithPath: input))
        let engine = try ForecastEngine(
            configuration: ForecastConfiguration(frequency: .daily, horizon: 5, quantileLevels: []))
        let columns = try #require(ForecastColumns(levels: [], quantiles: []))
        var forecast = FileForecast(engine: engine, columns: columns, input: input, output: output, report: nil)
        forecast.known = known
        let tally = try await forecast.run()
        #expect(tally.seriesWithoutRows == ["b"])
        let means = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").dropFirst()
            .compactMap { $0.split(separator: ",").last.flatMap { Double($0) } }
        #expect(means.count == 5)
        // The third day is the promoted one.
        #expect(means[2] > means[1] + 40 && means[2] > means[3] + 40, "\(means)")
    }
}
