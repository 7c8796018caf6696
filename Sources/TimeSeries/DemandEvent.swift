/// Something known to move demand for some days: a promotion, a price, a closure or another event.
public struct DemandEvent: Sendable, Hashable, Codable {
    /// What sort of event it is.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The item is promoted; the value is how much, such as a discount of 0.2.
        case promotion
        /// The item has a price of its own; the value is that price.
        case price
        /// Nothing can be ordered; the value means nothing.
        case closure
        /// Anything else; events of one name are taken to be alike.
        case other
    }

    /// What people call it; the key by which events of kind `other` are alike.
    public var name: String
    /// What sort of event it is.
    public var kind: Kind
    /// The first local day it touches.
    public var firstDay: CivilDate
    /// The last local day it touches.
    public var lastDay: CivilDate
    /// The day it became known, which no forecast made before that day may use; `nil` where it was always known.
    public var knownFrom: CivilDate?
    /// Its size, in the meaning of its kind; `nil` where it has none.
    public var value: Double?

    /// An event; days in the wrong order are exchanged.
    public init(
        name: String, kind: Kind, firstDay: CivilDate, lastDay: CivilDate, knownFrom: CivilDate? = nil,
        value: Double? = nil
    ) {
        self.name = name
        self.kind = kind
        self.firstDay = min(firstDay, lastDay)
        self.lastDay = max(firstDay, lastDay)
        self.knownFrom = knownFrom
        self.value = value
    }
}
