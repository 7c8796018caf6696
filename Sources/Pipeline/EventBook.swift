public import TimeSeries

/// Which events touch which series.
public struct EventBook: Sendable {
    /// An event with what it touches.
    public struct Entry: Sendable {
        /// The item it touches; `nil` for all.
        public var item: String?
        /// The site it touches; `nil` for all.
        public var site: String?
        /// The event.
        public var event: DemandEvent

        /// An event of an item at a site, either of which may be all.
        public init(item: String?, site: String?, event: DemandEvent) {
            self.item = item
            self.site = site
            self.event = event
        }
    }

    private let ofAllItems: [Entry]
    private let byItem: [String: [Entry]]

    /// A book of entries, whose order the events of a series keep.
    public init(_ entries: [Entry]) {
        ofAllItems = entries.filter { $0.item == nil }
        var byItem: [String: [Entry]] = [:]
        for entry in entries { if let item = entry.item { byItem[item, default: []].append(entry) } }
        self.byItem = byItem
    }

    /// The events that touch a series, those of all items first.
    ///
    /// A series over all sites has the events of each site too, since they move part of it; but no site's closure, which
    /// does not close the others.
    public func events(of key: SeriesKey) -> [DemandEvent] {
        (ofAllItems + (byItem[key.item] ?? [])).filter { entry in
            guard let site = entry.site else { return true }
            return key.site.map { $0 == site } ?? (entry.event.kind != .closure)
        }.map(\.event)
    }
}
