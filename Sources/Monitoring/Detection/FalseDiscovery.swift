#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif

/// Which series of a portfolio are taken to have changed, so that of those named few are named wrongly however many
/// are watched: the step-up procedure of Benjamini and Hochberg, "Controlling the false discovery rate", Journal of the
/// Royal Statistical Society B 57 (1995).
public enum FalseDiscovery {
    /// The share of false names, which is also the share of days on which a portfolio without any change gets an incident.
    public static let level = 0.01

    /// The same for a portfolio's totals. There are few of them and each stands for many series, so that an incident from
    /// one is to be a rare thing: they are a family of their own, held to a tenth.
    public static let levelOfTotals = 0.001
    /// The most false alarms per year that a total may claim.
    public static let budgetOfTotals = 0.1

    /// Of series with evidence (minus the logarithm of false alarms per series-year) those that are named, as places in
    /// `evidence`; `year` is the number of buckets in a year, `budget` the most that a single series may claim in any case.
    public static func named(
        _ evidence: [Double], year: Int, level: Double = level, budget: Double = AlarmState.budget
    ) -> [Int] {
        // Alarms per year at least this strong, over the buckets of a year: the chance of one on a given bucket.
        let order = evidence.indices.sorted { (evidence[$0], $1) > (evidence[$1], $0) }
        let perBucket = log(Double(year))
        var last = -1
        for (rank, place) in order.enumerated()
        where -evidence[place] - perBucket <= log(level * Double(rank + 1) / Double(order.count)) {
            last = rank
        }
        return order.prefix(last + 1).filter { evidence[$0] >= -log(budget) }.sorted()
    }
}
