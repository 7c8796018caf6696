/// Why a use case could not be carried out.
public enum PipelineError: Error, Sendable, CustomStringConvertible {
    /// A job's `spec` asks for something impossible; the text says what and what is allowed.
    case invalidSpecification(String)
    /// There is no demand to work on; the text says what was looked for and what to do.
    case noDemand(String)
    /// Another attempt holds the run by now, so this one may not write.
    case staleAttempt
    /// Somebody promoted or rolled back while a version was trained, so that it was compared with the wrong champion.
    case championChanged
    /// What was stored of a version is not what it was trained on; the text says which hash differs.
    case tampered(String)
    /// A shard was offered by a process whose code or processor is of another kind, so that other numbers would come out.
    case otherEngine(EngineIdentity, here: EngineIdentity)

    /// One sentence: what, where, what to do.
    public var description: String {
        switch self {
        case .invalidSpecification(let reason): "The job's spec is wrong: \(reason)."
        case .noDemand(let reason): reason
        case .staleAttempt: "This attempt lost its lease to a newer one, so it published nothing."
        case .championChanged:
            "The champion was changed while this version was trained, so it published nothing: it is compared anew."
        case .tampered(let what): "The snapshot was changed after training: \(what)."
        case .otherEngine(let wanted, let here):
            "The shard is of version \(wanted.codeVersion) on \(wanted.processor), and this is \(here.codeVersion) on \(here.processor): other numbers would come out."
        }
    }
}
