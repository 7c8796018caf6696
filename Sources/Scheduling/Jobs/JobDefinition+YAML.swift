extension JobDefinition {
    /// Reads a definition from YAML; `file` is named in errors.
    ///
    /// Throws ``Invalid`` with file, line, reason and choices.
    public init(yaml: String, file: String) throws {
        let reader = try JobFile(yaml: yaml, file: file)
        try reader.checkKeys()
        guard let name = try reader.text(.name), !name.isEmpty else { throw reader.refuse(nil, "a job needs a name.") }
        guard let kind = try reader.text(.kind), !kind.isEmpty else { throw reader.refuse(nil, "a job needs a kind.") }
        self.init(name: name, kind: kind, cron: try reader.text(.cron))
        description = try reader.text(.description)
        every = try reader.text(.every)
        offset = try reader.text(.offset)
        at = try reader.text(.at)
        timeZone = try reader.text(.timeZone) ?? timeZone
        gap = try reader.choice(.gap) ?? gap
        fold = try reader.choice(.fold) ?? fold
        jitter = try reader.text(.jitter)
        calendar = try reader.text(.calendar)
        onHoliday = try reader.choice(.onHoliday) ?? onHoliday
        workingDays = try reader.text(.workingDays) ?? workingDays
        after = try reader.after()
        readyWhen = try reader.readyWhen()
        publishBy = try reader.text(.publishBy)
        misfire = try reader.misfire() ?? misfire
        overlap = try reader.choice(.overlap) ?? overlap
        priority = try reader.integer(.priority, 0...1000) ?? priority
        maxAttempts = try reader.integer(.maxAttempts, 1...100) ?? maxAttempts
        retry = try reader.retry() ?? retry
        timeoutSeconds = try reader.number(.timeoutSeconds, 1...604_800)
        spec = try reader.spec()
        do {
            _ = try checkedSchedule()
        } catch {
            throw reader.refuse(reader[error.key] ?? reader[.cron], error.reason)
        }
    }
}
