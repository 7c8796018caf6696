import Foundation
import SampleCompany
import TabularText
import TimeSeries

/// The sample company as its files tell it, written and read once for all tests.
struct WrittenSample: Sendable {
    struct Series: Hashable, Comparable {
        var item: String
        var site: String

        static func < (lhs: Series, rhs: Series) -> Bool { (lhs.item, lhs.site) < (rhs.item, rhs.site) }
    }

    struct OrderLine {
        var key: String
        var series: Series
        var customer: String
        var orderedAt: String
        var orderedOn: Int
        var requestedOn: Int?
        var quantity: Int
        var shipped: Int?
        var status: String
        var reason: String

        /// The day its demand falls on.
        var wantedOn: Int { requestedOn ?? orderedOn }
        var isOrdinary: Bool { status == "ordered" }
        var isDemand: Bool { isOrdinary || reason == "stock-out" }
    }

    static let lastDay = CivilDate(year: 2026, month: 11, day: 24)
    static let shared: WrittenSample = {
        do { return try WrittenSample(seed: 1, endingOn: lastDay) } catch { fatalError("\(error)") }
    }()

    let files: [SampleFile]
    var headers: [String: [String]] = [:]
    /// Small files as they stand, by kind: each record by column.
    var records: [String: [[String: String]]] = [:]
    var orders: [OrderLine] = []
    /// Records of the orders file that are none.
    var unreadable: [[String]] = []
    /// Stock at the opening, by series and day.
    var stock: [Series: [Int: Int]] = [:]
    /// Demand by series and day.
    var demand: [Series: [Int: Int]] = [:]

    init(seed: UInt64, endingOn lastDay: CivilDate) throws {
        let folder = NSTemporaryDirectory() + "suyo-sample-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        files = try SampleCompany(seed: seed, endingOn: lastDay).writeFiles(to: folder)
        for file in files {
            var reader = try DelimitedReader(path: file.path)
            let header = reader.header
            headers[file.kind] = header
            var record = DelimitedRecord()
            while try reader.next(into: &record) {
                let fields = (0..<record.fieldCount).map { record.text($0) }
                switch file.kind {
                case "orders": add(order: fields)
                case "stock":
                    guard let day = CivilDate(fields[2]), let onHand = Int(fields[3]) else { continue }
                    stock[Series(item: fields[0], site: fields[1]), default: [:]][day.daysSinceEpoch] = onHand
                default:
                    records[file.kind, default: []].append(
                        Dictionary(uniqueKeysWithValues: zip(header, fields)))
                }
            }
        }
        for line in orders where line.isDemand {
            demand[line.series, default: [:]][line.wantedOn, default: 0] += line.quantity
        }
    }

    private mutating func add(order fields: [String]) {
        guard let day = CivilDate(fields[5].prefix(10)), let quantity = Int(fields[7]), !fields[2].isEmpty,
            !fields[0].hasPrefix("MANUAL")
        else {
            unreadable.append(fields)
            return
        }
        orders.append(
            OrderLine(
                key: "\(fields[0])/\(fields[1])", series: Series(item: fields[2], site: fields[3]),
                customer: fields[4], orderedAt: fields[5], orderedOn: day.daysSinceEpoch,
                requestedOn: CivilDate(fields[6])?.daysSinceEpoch, quantity: quantity, shipped: Int(fields[8]),
                status: fields[10], reason: fields[11]))
    }

    /// Demand of all series whose item `isIncluded`, on a day.
    func total(on day: Int, where isIncluded: (String) -> Bool = { _ in true }) -> Int {
        demand.reduce(0) { isIncluded($1.key.item) ? $0 + ($1.value[day] ?? 0) : $0 }
    }

    /// Mean demand a day over a stretch of days.
    func mean(over days: some Sequence<Int>, where isIncluded: (String) -> Bool = { _ in true }) -> Double {
        var sum = 0
        var count = 0
        for day in days {
            sum += total(on: day, where: isIncluded)
            count += 1
        }
        return Double(sum) / Double(count)
    }
}
