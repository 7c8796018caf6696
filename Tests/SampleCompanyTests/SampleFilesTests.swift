import Foundation
import SampleCompany
import TabularText
import Testing
import TimeSeries

@Suite struct SampleFilesTests {
    private let sample = WrittenSample.shared

    private func contents(seed: UInt64, endingOn day: CivilDate) throws -> [String: Data] {
        let folder = NSTemporaryDirectory() + "suyo-sample-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var contents: [String: Data] = [:]
        for file in try SampleCompany(seed: seed, endingOn: day).writeFiles(to: folder) {
            contents[file.kind] = try Data(contentsOf: URL(fileURLWithPath: file.path))
        }
        return contents
    }

    @Test func sameSeedSameBytesAndAnotherSeedOthers() throws {
        let day = CivilDate(year: 2026, month: 3, day: 31)
        let once = try contents(seed: 7, endingOn: day)
        #expect(try contents(seed: 7, endingOn: day) == once)
        let other = try contents(seed: 8, endingOn: day)
        for kind in ["orders", "stock", "events"] { #expect(other[kind] != once[kind]) }
        for kind in ["sites", "items", "customers", "holidays", "lead-times"] { #expect(other[kind] == once[kind]) }
    }

    @Test func filesComeInTheOrderOfImport() {
        #expect(
            sample.files.map(\.kind) == [
                "sites", "items", "customers", "holidays", "events", "lead-times", "stock", "orders",
            ])
    }

    @Test func headersAreThoseOfSuyosLayout() {
        let expected = [
            "sites": "site_id,name,time_zone",
            "items": "item_id,name,category,unit,introduced_on,discontinued_on,unit_cost,pack_size",
            "customers": "customer_id,name",
            "holidays": "calendar,date,name,kind,note",
            "events": "event_id,name,kind,item_id,site_id,starts_on,ends_on,known_from,value",
            "lead-times": "item_id,site_id,supplier,days,days_sd,valid_from",
            "stock": "item_id,site_id,as_of,on_hand,on_order",
            "orders": "order_id,line_no,item_id,site_id,customer_id,ordered_at,requested_on,quantity,"
                + "quantity_shipped,unit_price,status,cancel_reason",
        ]
        #expect(sample.headers.mapValues { $0.joined(separator: ",") } == expected)
    }

    @Test func recordCountsAreTrue() throws {
        let counts = Dictionary(uniqueKeysWithValues: sample.files.map { ($0.kind, $0.records) })
        #expect(counts["orders"] == sample.orders.count + sample.unreadable.count)
        #expect(counts["stock"] == sample.stock.values.reduce(0) { $0 + $1.count })
        for (kind, records) in sample.records { #expect(counts[kind] == records.count) }
        #expect((150_000...350_000).contains(try #require(counts["orders"])))
    }

    @Test func tenLinesAreBad() {
        #expect(sample.unreadable.count == 10)
        #expect(sample.unreadable.allSatisfy { $0[0].hasPrefix("MANUAL") && $0.count == 12 })
        #expect(sample.unreadable.contains { $0[2].isEmpty })
        for value in ["abc", "NaN"] { #expect(sample.unreadable.contains { $0[7] == value }) }
        #expect(sample.unreadable.contains { $0[5] == "2026-02-30" })
    }

    @Test func aFolderThatCannotBeMadeIsAnError() {
        #expect(throws: TabularError.self) {
            try SampleCompany(seed: 1, endingOn: WrittenSample.lastDay).writeFiles(to: "/nowhere/at/all")
        }
    }

    @Test func orderLinesFitTheirMasterData() {
        let items = Set(sample.records["items", default: []].compactMap { $0["item_id"] })
        let sites = Set(sample.records["sites", default: []].compactMap { $0["site_id"] })
        let customers = Set(sample.records["customers", default: []].compactMap { $0["customer_id"] })
        var keys: Set<String> = []
        var faults: [String] = []
        for line in sample.orders {
            var isSound = keys.insert(line.key).inserted
            isSound = isSound && items.contains(line.series.item) && sites.contains(line.series.site)
            isSound = isSound && (customers.contains(line.customer) || line.status == "internal")
            isSound = isSound && line.orderedOn <= WrittenSample.lastDay.daysSinceEpoch
            isSound = isSound && (line.requestedOn ?? .max) >= line.orderedOn
            isSound = isSound && (line.shipped ?? 0) <= max(line.quantity, 0)
            let time = line.orderedAt.dropFirst(10)
            isSound = isSound && time >= "T08:00:00+09:00" && time <= "T17:30:00+09:00" && time.hasSuffix("+09:00")
            switch line.status {
            case "ordered": isSound = isSound && line.quantity > 0 && line.reason.isEmpty
            case "cancelled":
                isSound = isSound && line.quantity > 0 && ["customer", "duplicate", "stock-out"].contains(line.reason)
            case "return", "internal": isSound = isSound && line.quantity < 0 && line.reason.isEmpty
            default: isSound = false
            }
            if !isSound { faults.append(line.key) }
        }
        #expect(faults == [])
    }

    @Test func everyKindOfLineOccurs() {
        for status in ["ordered", "cancelled", "return", "internal"] {
            #expect(sample.orders.contains { $0.status == status })
        }
        for reason in ["customer", "duplicate", "stock-out"] {
            #expect(sample.orders.contains { $0.reason == reason })
        }
        #expect(
            sample.orders.contains { $0.requestedOn.map { day in day > WrittenSample.lastDay.daysSinceEpoch } ?? false }
        )
    }
}
