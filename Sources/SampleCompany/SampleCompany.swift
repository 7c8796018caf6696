#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#endif
public import TimeSeries

/// A small made-up Korean trading company: about eighty items, three sites, three years of orders and stock counts.
///
/// Its demand is smooth, weekly, seasonal, growing, promoted, intermittent and lumpy; shelves run empty, items come and
/// go, levels shift, and Seollal and Chuseok leave their marks. The orders file holds ten lines that must be rejected.
/// The same seed and last day give the same bytes; the catalogue, the customers and the holidays are always the same.
public struct SampleCompany: Sendable {
    private let seed: UInt64
    private let lastDay: CivilDate

    /// A company whose last day of history is `lastDay`, from 2025 to 2030 if its feasts are to show throughout.
    public init(seed: UInt64, endingOn lastDay: CivilDate) {
        self.seed = seed
        self.lastDay = lastDay
    }

    /// Writes its files into a folder, which is made where it is missing and whose parent must exist.
    ///
    /// Returns them in the order in which they are to be imported. Files of the same names are replaced. Throws
    /// `TabularError` where a file cannot be written.
    public func writeFiles(to folder: String) throws -> [SampleFile] {
        // Where this fails, opening the first file says why.
        _ = unsafe mkdir(folder, 0o755)
        let history = TradingHistory(seed: seed, endingOn: lastDay)
        let master = MasterFiles(history: history, lastDay: lastDay)
        var files = [
            try master.writeSites(to: folder), try master.writeItems(to: folder),
            try master.writeCustomers(to: folder), try master.writeHolidays(to: folder),
            try master.writeEvents(to: folder), try master.writeLeadTimes(to: folder),
        ]
        files += try TradingFiles(history: history).write(to: folder)
        return files
    }
}
