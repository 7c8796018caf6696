import Pipeline
import Testing
import TimeSeries

/// Which event touches which series.
@Suite struct EventBookTests {
    private func entry(_ name: String, item: String? = nil, site: String? = nil, _ kind: DemandEvent.Kind = .promotion)
        -> EventBook.Entry
    {
        let day = CivilDate(year: 2026, month: 5, day: 4)
        return EventBook.Entry(
            item: item, site: site, event: DemandEvent(name: name, kind: kind, firstDay: day, lastDay: day))
    }

    @Test func anEventTouchesItsItemAtItsSite() {
        let book = EventBook([
            entry("all"), entry("A", item: "A"), entry("A at ICN", item: "A", site: "ICN"),
            entry("all at PUS", site: "PUS"), entry("B", item: "B"),
        ])
        #expect(book.events(of: SeriesKey(item: "A", site: "ICN")).map(\.name) == ["all", "A", "A at ICN"])
        #expect(book.events(of: SeriesKey(item: "A", site: "PUS")).map(\.name) == ["all", "all at PUS", "A"])
        #expect(book.events(of: SeriesKey(item: "C", site: "ICN")).map(\.name) == ["all"])
    }

    @Test func aSeriesOverAllSitesIsMovedByEachButClosedByNone() {
        let book = EventBook([
            entry("A at ICN", item: "A", site: "ICN"), entry("ICN closed", site: "ICN", .closure),
            entry("all closed", .closure),
        ])
        #expect(book.events(of: SeriesKey(item: "A")).map(\.name) == ["all closed", "A at ICN"])
    }
}
