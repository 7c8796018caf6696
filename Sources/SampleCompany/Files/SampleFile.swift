/// One file of the sample company.
public struct SampleFile: Sendable, Hashable {
    /// What it holds, by the name that `suyo import` takes: sites, items, customers, holidays, events, lead-times,
    /// stock or orders.
    public var kind: String
    /// Where it is.
    public var path: String
    /// Records in it, without the header; those that an import must reject included.
    public var records: Int
}
