extension JobDefinition: Decodable {
    /// Reads a definition in which only name and kind must stand, as SQL or an older binary may have written it.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name), kind: try values.decode(String.self, forKey: .kind),
            cron: try values.decodeIfPresent(String.self, forKey: .cron))
        description = try values.decodeIfPresent(String.self, forKey: .description)
        every = try values.decodeIfPresent(String.self, forKey: .every)
        offset = try values.decodeIfPresent(String.self, forKey: .offset)
        at = try values.decodeIfPresent(String.self, forKey: .at)
        gap = try values.choice(.gap) ?? gap
        fold = try values.choice(.fold) ?? fold
        jitter = try values.decodeIfPresent(String.self, forKey: .jitter)
        calendar = try values.decodeIfPresent(String.self, forKey: .calendar)
        onHoliday = try values.choice(.onHoliday) ?? onHoliday
        workingDays = try values.decodeIfPresent(String.self, forKey: .workingDays) ?? workingDays
        timeZone = try values.decodeIfPresent(String.self, forKey: .timeZone) ?? timeZone
        after = try values.decodeIfPresent(After.self, forKey: .after)
        readyWhen = try values.decodeIfPresent(ReadyWhen.self, forKey: .readyWhen)
        publishBy = try values.decodeIfPresent(String.self, forKey: .publishBy)
        misfire = try values.decodeIfPresent(Misfire.self, forKey: .misfire) ?? misfire
        overlap = try values.choice(.overlap) ?? overlap
        priority = try values.decodeIfPresent(Int.self, forKey: .priority) ?? priority
        maxAttempts = try values.decodeIfPresent(Int.self, forKey: .maxAttempts) ?? maxAttempts
        retry = try values.decodeIfPresent(RetryPolicy.self, forKey: .retry) ?? retry
        timeoutSeconds = try values.decodeIfPresent(Double.self, forKey: .timeoutSeconds)
        spec = try values.decodeIfPresent(String.self, forKey: .spec) ?? spec
    }
}

extension KeyedDecodingContainer<JobDefinition.CodingKeys> {
    /// One of a few words; the error names the others.
    fileprivate func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: Key) throws -> Choice? {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw JobDefinition.Invalid(description: JobDefinition.choices(key, text, Choice.self))
        }
        return choice
    }
}

extension JobDefinition {
    /// What is said of a word that a key does not take.
    static func choices<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: CodingKeys, _ text: String, _: Choice.Type
    ) -> String {
        "\(key.rawValue) is '\(text)'; take \(Choice.allCases.map(\.rawValue).joined(separator: ", "))."
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
