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

    /// Decodes an object of numbers; the names come back in ascending order.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            self[key.stringValue] = try container.decode(Double.self, forKey: key)
        }
    }

    /// Encodes an object of numbers.
    public func encode(to encoder: any Encoder) throws {
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
