extension JobDefinition: Decodable {
    /// Reads a definition in which only name and kind must stand, as SQL or an older binary may have written it.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name), kind: try values.decode(String.self, forKey: .kind),
            cron: try values.decodeIfPresent(String.self, forKey: .cron))
        description = try values.decodeIfPresent(String.self, forKey: .description)
        timeZone = try values.decodeIfPresent(String.self, forKey: .timeZone) ?? timeZone
        misfire = try values.decodeIfPresent(Misfire.self, forKey: .misfire) ?? misfire
        overlap = try values.decodeIfPresent(Overlap.self, forKey: .overlap) ?? overlap
        maxAttempts = try values.decodeIfPresent(Int.self, forKey: .maxAttempts) ?? maxAttempts
        timeoutSeconds = try values.decodeIfPresent(Double.self, forKey: .timeoutSeconds)
        spec = try values.decodeIfPresent(String.self, forKey: .spec) ?? spec
    }
}

extension JobDefinition.Misfire: Codable {
    /// The keys of the form that has a number.
    enum CodingKeys: String, CodingKey {
        case catchUp = "catch_up"
    }

    /// The names of those without a number.
    static let names: [(name: String, misfire: JobDefinition.Misfire)] = [("coalesce", .coalesce), ("skip", .skip)]
    /// How many runs one may catch up with at once.
    static let catchUpRange = 1...100

    /// Reads `"coalesce"`, `"skip"` or `{"catch_up": n}`.
    public init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            guard let known = JobDefinition.Misfire.names.first(where: { $0.name == name }) else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "misfire is '\(name)'"))
            }
            self = known.misfire
        } else {
            self = .catchUp(try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .catchUp))
        }
    }

    /// Writes what the other reads.
    public func encode(to encoder: any Encoder) throws {
        if case .catchUp(let runs) = self {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(runs, forKey: .catchUp)
        } else {
            var container = encoder.singleValueContainer()
            try container.encode(self == .skip ? "skip" : "coalesce")
        }
    }
}
