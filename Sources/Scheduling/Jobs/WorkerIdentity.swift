/// A process that works on runs, as others see it.
public struct WorkerIdentity: Sendable, Hashable {
    /// A UUID, new with each process: host and process number come again, and then mean another.
    public var workerID: String
    /// Machine it runs on.
    public var host: String
    /// Its process number there.
    public var processID: Int
    /// Version of the binary.
    public var codeVersion: String
    /// Kind of processor whose arithmetic it uses.
    public var processor: String
    /// Kinds of run it knows.
    public var kinds: [String]

    /// An identity.
    public init(workerID: String, host: String, processID: Int, codeVersion: String, processor: String, kinds: [String])
    {
        self.workerID = workerID
        self.host = host
        self.processID = processID
        self.codeVersion = codeVersion
        self.processor = processor
        self.kinds = kinds
    }
}
