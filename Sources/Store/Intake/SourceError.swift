/// Why a source could not be read; nothing was changed.
public enum SourceError: Error, Sendable, CustomStringConvertible {
    /// Its database did not answer, or broke off.
    case unreachable(source: String, reason: String)
    /// Its database refused to let us in or to take the role.
    case refused(source: String, reason: String)
    /// Queries or their columns are wrong, a sentence each.
    case invalid(source: String, problems: [String])
    /// A query took too long, or another session held a lock on a table of it.
    case tooSlow(source: String, kind: String, reason: String)
    /// So many lines are gone that it is likelier that the query sees too little.
    case manyDeletions(source: String, deleted: Int, compared: Int)
    /// A reading that began later was finished before this one.
    case overtaken(source: String, kind: String)

    /// One sentence: what, where, what to do.
    public var description: String {
        switch self {
        case .unreachable(let source, let reason):
            "The database of source \(source) cannot be reached: \(reason)"
        case .refused(let source, let reason):
            "The database of source \(source) refuses: \(reason)"
        case .invalid(let source, let problems):
            "Source \(source): \(problems.joined(separator: "\n  "))"
        case .tooSlow(let source, let kind, let reason):
            "Source \(source), \(kind): \(reason). Nothing was taken; it will be read again with the next run."
        case .manyDeletions(let source, let deleted, let compared):
            "Source \(source), orders: \(deleted) of the \(compared) lines of the days looked at are no longer there, which looks like a query that sees too little; nothing was changed. If they are really deleted: --accept-deletions."
        case .overtaken(let source, let kind):
            "Source \(source), \(kind): another reading, begun later, was finished before this one, whose records are older; nothing was changed."
        }
    }
}
