internal import TabularText

/// Why one record was not taken.
struct Rejection {
    var column: String?
    var value: String?
    var reason: String
}

/// Encodes one record after another as rows of the staging table.
struct RecordEncoder {
    /// How one column of Suyo's is read; a class, because copying so many references for each field costs more than
    /// reading it.
    private final class Target: Sendable {
        let column: IntakeColumn
        /// Place of the file's column; `nil` where only a constant or a rule gives it.
        let place: Int?
        let name: String
        let constant: [UInt8]?
        let isUpperCase: Bool
        let choices: Set<[UInt8]>

        init(
            column: IntakeColumn, place: Int?, name: String, constant: [UInt8]?, isUpperCase: Bool,
            choices: Set<[UInt8]>
        ) {
            self.column = column
            self.place = place
            self.name = name
            self.constant = constant
            self.isUpperCase = isUpperCase
            self.choices = choices
        }
    }

    private let plan: IntakePlan
    private var targets: [Target]
    private var rules: [BoundRule]
    private let numbers: NumberText
    private let zone: ZoneOffsets?
    private let quantityPlace: Int?
    private let statusPlace: Int?
    private var row: [UInt8] = []
    private var ruleValues: [[UInt8]?]

    init(plan: IntakePlan, header: [String], path: String) throws {
        self.plan = plan
        let mapping = plan.mapping
        numbers = NumberText(decimal: mapping.decimal, thousands: mapping.thousands)
        zone = mapping.timeZone.flatMap { ZoneOffsets(zone: $0) }
        let file = path == "-" ? "Standard input" : path
        var places: [String: Int] = [:]
        for (place, name) in header.enumerated() where places[name] == nil { places[name] = place }
        var missing: [String] = []
        targets = plan.kind.columns.map { column in
            let name = plan.fileColumn(column.name)
            let place = name.flatMap { places[$0] }
            if plan.isPromised(column.name), let name, place == nil { missing.append(name) }
            let constant = mapping.constants[column.name].map { Array($0.utf8) }
            let isGiven = place != nil || constant != nil || mapping.rules.contains { $0.set[column.name] != nil }
            if column.isRequired && !isGiven && !missing.contains(name ?? column.name) {
                missing.append(name ?? column.name)
            }
            return Target(
                column: column, place: place, name: name ?? column.name, constant: constant,
                isUpperCase: mapping.upperCase.contains(column.name),
                choices: Set(column.choices.map { Array($0.utf8) }))
        }
        for rule in mapping.rules {
            for condition in rule.conditions where places[condition.column] == nil { missing.append(condition.column) }
        }
        guard missing.isEmpty else {
            throw IntakeError.missingColumns(
                file: file, missing: missing, found: header,
                advice: plan.layout != .own
                    ? "Correct the mapping." : "Rename the columns, or say with --mapping FILE which column is what.")
        }
        rules = mapping.rules.map { rule in
            BoundRule(
                conditions: rule.conditions.map { (places[$0.column] ?? 0, $0.column, $0.tests) },
                set: plan.kind.columns.map { rule.set[$0.name].map { Array($0.utf8) } }, reject: rule.reject)
        }
        quantityPlace = plan.kind.columns.firstIndex { $0.name == "quantity" }
        statusPlace = plan.kind.columns.firstIndex { $0.name == "status" }
        ruleValues = Array(repeating: nil, count: plan.kind.columns.count)
    }

    /// Appends the record's row; returns why it was rejected, `nil` where it was taken.
    mutating func encode(_ record: DelimitedRecord, into rows: inout [UInt8]) -> Rejection? {
        row.removeAll(keepingCapacity: true)
        let rejection = encodeValues(record)
        appendText(of: record.line, to: &rows)
        if let rejection {
            rows.append(0x09)
            appendField(rejection.column.map { Array($0.utf8)[...] }, to: &rows)
            rows.append(0x09)
            appendField(rejection.value.map { Array($0.utf8)[...] }, to: &rows)
            rows.append(0x09)
            appendField(Array(rejection.reason.utf8)[...], to: &rows)
            for target in targets {
                rows.append(0x09)
                appendField(orderNumber(record, target), to: &rows)
                if target.column.type == .timestamp { rows.append(contentsOf: [0x09, 0x5c, 0x4e]) }
            }
        } else {
            rows.append(contentsOf: [0x09, 0x5c, 0x4e, 0x09, 0x5c, 0x4e, 0x09, 0x5c, 0x4e])
            rows.append(contentsOf: row)
        }
        rows.append(0x0a)
        return rejection
    }

    /// The order number of a rejected record, kept so that the lines after it in the same order keep their numbers.
    private func orderNumber(_ record: DelimitedRecord, _ target: Target) -> ArraySlice<UInt8>? {
        guard target.column.name == "order_id", record.problem == nil, let place = target.place else { return nil }
        let value = trim(record.field(place))
        return value.isEmpty ? nil : composed(value)
    }

    private mutating func encodeValues(_ record: DelimitedRecord) -> Rejection? {
        if let problem = record.problem { return Rejection(reason: problem) }
        for place in ruleValues.indices { ruleValues[place] = nil }
        for rule in rules where rule.applies(to: record, numbers: numbers) {
            if let reason = rule.reject {
                let (place, column, _) = rule.conditions[0]
                return Rejection(column: column, value: record.text(place), reason: reason)
            }
            ruleValues = rule.set
            break
        }
        var quantity = 0.0
        for index in targets.indices {
            let target = targets[index]
            var value: ArraySlice<UInt8> = []
            if let place = target.place { value = trim(record.field(place)) }
            if let constant = target.constant { value = constant[...] }
            if let set = ruleValues[index] { value = set[...] }
            func reject(_ reason: String) -> Rejection {
                Rejection(
                    column: target.name, value: String(decoding: value.prefix(200), as: UTF8.self), reason: reason)
            }
            row.append(0x09)
            if value.isEmpty {
                if target.column.isRequired { return reject("the value is missing") }
                row.append(contentsOf: [0x5c, 0x4e])
                if target.column.type == .timestamp { row.append(contentsOf: [0x09, 0x5c, 0x4e]) }
                continue
            }
            switch target.column.type {
            case .text:
                if target.isUpperCase {
                    value = ArraySlice(value.map { $0 >= 0x61 && $0 <= 0x7a ? $0 - 0x20 : $0 })
                }
                if !target.choices.isEmpty && !target.choices.contains(Array(value)) {
                    return reject("it must be one of \(target.column.choices.joined(separator: ", "))")
                }
                appendField(composed(value), to: &row)
            case .number, .integer:
                guard let number = numbers.read(value) else {
                    return reject("this is not a number between -1e12 and 1e12")
                }
                if target.column.type == .integer {
                    guard number == number.rounded(), number.magnitude < 2e9 else {
                        return reject("this is not a whole number")
                    }
                }
                if index == quantityPlace { quantity = number }
                append(number)
            case .date:
                guard let time = readTime(value) else { return reject(dateReason) }
                time.appendDate(to: &row)
            case .timestamp:
                guard var time = readTime(value) else { return reject(dateReason) }
                if time.offsetMinutes == nil, let zone { time.offsetMinutes = zone.offsetMinutes(of: time) }
                if time.offsetMinutes != nil {
                    time.appendTimestamp(to: &row)
                    row.append(contentsOf: [0x09, 0x5c, 0x4e])
                } else {
                    row.append(contentsOf: [0x5c, 0x4e, 0x09])
                    time.appendTimestamp(to: &row)
                }
            }
        }
        if quantity < 0, let quantityPlace, !isExempt(record) {
            return Rejection(
                column: targets[quantityPlace].name,
                value: targets[quantityPlace].place.map { record.text($0) },
                reason:
                    "an order cannot be negative: give it the status cancelled, return or internal, or a mapping rule that does"
            )
        }
        return nil
    }

    /// Whether the record's status allows a negative quantity.
    private func isExempt(_ record: DelimitedRecord) -> Bool {
        guard let statusPlace else { return true }
        if let set = ruleValues[statusPlace] { return set != Array("ordered".utf8) }
        if let constant = targets[statusPlace].constant { return constant != Array("ordered".utf8) }
        guard let place = targets[statusPlace].place else { return false }
        let value = trim(record.field(place))
        return !value.isEmpty && !value.elementsEqual("ordered".utf8)
    }

    private var dateReason: String {
        plan.mapping.dateFormats.isEmpty
            ? "this is not a date between 1970 and 2100 such as 2027-02-28 or 2027-02-28T09:15:00+09:00"
            : "this is not a date between 1970 and 2100 written as \(plan.mapping.dateFormats.map(\.pattern).joined(separator: " or "))"
    }

    private func readTime(_ value: ArraySlice<UInt8>) -> CivilTime? {
        if plan.mapping.dateFormats.isEmpty { return CivilTime.readISO(value) }
        for format in plan.mapping.dateFormats {
            if let time = format.read(value) { return time }
        }
        return nil
    }

    private mutating func append(_ number: Double) {
        if number == number.rounded(), number.magnitude < 1e15 {
            appendText(of: Int(number), to: &row)
        } else {
            row.append(contentsOf: "\(number)".utf8)
        }
    }

    private func trim(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var field = field
        while let first = field.first, first == 0x20 || first == 0x09 { field.removeFirst() }
        while let last = field.last, last == 0x20 || last == 0x09 { field.removeLast() }
        return field
    }
}

/// One rule with its columns found in the header.
struct BoundRule {
    var conditions: [(place: Int, column: String, tests: [IntakeMapping.Condition.Test])]
    var set: [[UInt8]?]
    var reject: String?

    func applies(to record: DelimitedRecord, numbers: NumberText) -> Bool {
        for (place, _, tests) in conditions {
            let value = record.field(place)
            for test in tests {
                let holds =
                    switch test {
                    case .startsWith(let prefix): value.starts(with: prefix)
                    case .endsWith(let suffix): value.suffix(suffix.count).elementsEqual(suffix)
                    case .oneOf(let values): values.contains(Array(value))
                    case .lessThan(let limit): numbers.read(value).map { $0 < limit } ?? false
                    case .greaterThan(let limit): numbers.read(value).map { $0 > limit } ?? false
                    case .isEmpty(let wanted): value.isEmpty == wanted
                    case .startsWithLetter(let wanted):
                        (value.first.map { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a } ?? false) == wanted
                    }
                if !holds { return false }
            }
        }
        return true
    }
}

/// Appends a field in COPY text format; `nil` is null.
private func appendField(_ value: ArraySlice<UInt8>?, to bytes: inout [UInt8]) {
    guard let value else {
        bytes.append(contentsOf: [0x5c, 0x4e])
        return
    }
    for byte in value {
        switch byte {
        case 0x5c: bytes.append(contentsOf: [0x5c, 0x5c])
        case 0x09: bytes.append(contentsOf: [0x5c, 0x74])
        case 0x0a: bytes.append(contentsOf: [0x5c, 0x6e])
        case 0x0d: bytes.append(contentsOf: [0x5c, 0x72])
        default: bytes.append(byte)
        }
    }
}

private func appendText(of number: Int, to bytes: inout [UInt8]) {
    if number >= 0 && number < 10 {
        bytes.append(UInt8(0x30 + number))
    } else {
        bytes.append(contentsOf: String(number).utf8)
    }
}
