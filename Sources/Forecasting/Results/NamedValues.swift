/// Numbers under names, in a fixed order; encoded as an object.
///
/// Unlike a dictionary it iterates in the order of insertion, so that a report comes out the same each time.
public struct NamedValues: Sendable, Hashable, Codable, ExpressibleByDictionaryLiteral {
    /// The names, each once.
    public private(set) var names: [String] = []
    /// The value under each name.
    public private(set) var values: [Double] = []

    /// No values.
    public init() {}

    /// The values of a literal, in its order.
    public init(dictionaryLiteral elements: (String, Double)...) {
        for (name, value) in elements { self[name] = value }
    }

    /// The value under a name; setting `nil` removes it, setting a new name appends it.
    public subscript(name: String) -> Double? {
        get { names.firstIndex(of: name).map { values[$0] } }
        set {
            if let index = names.firstIndex(of: name) {
                if let newValue {
                    values[index] = newValue
                } else {
                    names.remove(at: index)
                    values.remove(at: index)
                }
            } else if let newValue {
                names.append(name)
                values.append(newValue)
            }
        }
    }

    /// Where an encoder's and a decoder's `userInfo` has `true` under it, names and values are two lists, so that the order
    /// is kept; else they are an object, for people and other programs.
    package static let keepsOrder = CodingUserInfoKey(rawValue: "NamedValues.keepsOrder")!

    /// Decodes an object of numbers; the names come back in ascending order.
    public init(from decoder: any Decoder) throws {
        if decoder.userInfo[NamedValues.keepsOrder] as? Bool == true {
            var lists = try decoder.unkeyedContainer()
            let names = try lists.decode([String].self)
            let values = try lists.decode([Double].self)
            guard names.count == values.count, Set(names).count == names.count else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "each value has a name of its own"))
            }
            (self.names, self.values) = (names, values)
            return
        }
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            self[key.stringValue] = try container.decode(Double.self, forKey: key)
        }
    }

    /// Encodes an object of numbers.
    public func encode(to encoder: any Encoder) throws {
        if encoder.userInfo[NamedValues.keepsOrder] as? Bool == true {
            var lists = encoder.unkeyedContainer()
            try lists.encode(names)
            try lists.encode(values)
            return
        }
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in self { try container.encode(value, forKey: Name(stringValue: name)) }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension NamedValues: RandomAccessCollection {
    /// The first position.
    public var startIndex: Int { 0 }
    /// The position after the last.
    public var endIndex: Int { names.count }
    /// The name and value at a position.
    public subscript(position: Int) -> (name: String, value: Double) { (names[position], values[position]) }
}
