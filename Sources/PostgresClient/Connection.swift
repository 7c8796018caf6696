internal import CLibPQ
internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One connection to PostgreSQL.
///
/// Works through a pooler in transaction mode: unnamed statements, no session state. Cancelling the task that waits
/// for a statement interrupts the statement at the server.
public actor Connection {
    private let executor: ConnectionExecutor
    private let handle: ConnectionHandle
    private let cancelHandle: CancelHandle?
    private let answerWatch: AnswerWatch?

    /// The connection's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private init(handle: ConnectionHandle, executor: ConnectionExecutor, answersWithin limit: Duration?) {
        self.handle = handle
        self.executor = executor
        cancelHandle = CancelHandle(handle)
        answerWatch = AnswerWatch(handle, limit: limit)
    }

    /// Connects.
    ///
    /// Where the server does not answer a statement within `limit`, the connection is given up: give it more time than
    /// the server gives its statements. Without one it is given up where the server answers nobody any more. Throws ``PostgresError`` with code `connectionLost` where the server cannot be
    /// reached or refuses.
    public static func connect(to target: ConnectionTarget, answersWithin limit: Duration? = nil) async throws
        -> Connection
    {
        let executor = ConnectionExecutor()
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try open(target, executor, answersWithin: limit) })
            }
        }
    }

    private static func open(
        _ target: ConnectionTarget, _ executor: ConnectionExecutor, answersWithin limit: Duration?
    ) throws -> Connection {
        // A later keyword wins, and `dbname` is expanded where it holds a URL or a connection string.
        let settings = [
            ("connect_timeout", "10"), ("application_name", "suyo"), ("client_encoding", "UTF8"),
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            // What was sent and is not acknowledged: a network that is cut is noticed, also in the middle of a statement.
            ("tcp_user_timeout", "30000"),
            ("target_session_attrs", target.mayBeReadOnly ? "any" : "read-write"), ("dbname", target.text),
        ].filter { !$0.1.isEmpty }
        let pointer: OpaquePointer? = unsafe withCStrings(settings.map(\.0)) { keywords in
            unsafe withCStrings(settings.map(\.1)) { values in
                unsafe PQconnectdbParams(keywords, values, 1)
            }
        }
        guard let pointer = unsafe pointer else {
            throw PostgresError(.connectionLost, "There is no memory for a connection.")
        }
        let handle = unsafe ConnectionHandle(pointer)
        guard unsafe PQstatus(handle.pointer) == CONNECTION_OK else {
            throw PostgresError(.connectionLost, "Cannot connect to \(target): \(handle.message)")
        }
        // Notices are for people at a prompt; what matters to a program is in the result.
        _ = unsafe PQsetNoticeReceiver(handle.pointer, { _, _ in }, nil)
        return Connection(handle: handle, executor: executor, answersWithin: limit)
    }

    /// Whether the connection can take another statement: open, and not inside a transaction.
    package var isIdle: Bool {
        unsafe PQstatus(handle.pointer) == CONNECTION_OK
            && PQtransactionStatus(handle.pointer) == PQTRANS_IDLE
    }

    /// Runs a statement and returns the number of rows it touched.
    @discardableResult
    public func execute(_ query: Query) async throws -> Int {
        let result = try await run(query)
        guard let text = unsafe PQcmdTuples(result.pointer) else { return 0 }
        return unsafe Int(String(cString: text)) ?? 0
    }

    /// Runs a statement and returns its rows.
    public func query(_ query: Query) async throws -> [Row] {
        let result = try await run(query)
        return (0..<result.rowCount).map { Row(box: result, index: $0) }
    }

    /// The columns that a statement's result has, in order, each with the number of its type.
    public func columns(of query: Query) async throws -> [(name: String, type: UInt32)] {
        let result = try await run(query)
        return (0..<(unsafe PQnfields(result.pointer))).map { place in
            let name = unsafe PQfname(result.pointer, place).map { unsafe String(cString: $0) }
            return (name ?? "", unsafe PQftype(result.pointer, place))
        }
    }

    /// Runs several statements without binds, as migrations need.
    public func simple(_ sql: String) async throws {
        try await interruptible {
            _ = try unsafe self.check(PQexec(self.handle.pointer, sql), statement: sql)
        }
    }

    /// Waits for a notification on any channel this connection listens to; `nil` when `milliseconds` have passed.
    public func notification(within milliseconds: Int32) throws -> (channel: String, payload: String)? {
        var waited = false
        while true {
            guard unsafe PQconsumeInput(handle.pointer) == 1 else {
                throw lost("The connection broke")
            }
            if let notify = unsafe PQnotifies(handle.pointer) {
                defer { unsafe PQfreemem(notify) }
                return unsafe (String(cString: notify.pointee.relname), String(cString: notify.pointee.extra))
            }
            if waited || Task.isCancelled { return nil }
            var descriptor = pollfd(fd: unsafe PQsocket(handle.pointer), events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&descriptor, 1, milliseconds)
            waited = true
        }
    }

    /// Rolls back, whatever happened; used where an error is already on its way, and also in a cancelled task.
    func abandonTransaction() { watching { unsafe PQclear(PQexec(handle.pointer, "ROLLBACK")) } }

    // MARK: COPY

    func beginCopyIn(_ sql: String) throws {
        let result = unsafe watching { unsafe PQexec(handle.pointer, sql) }
        defer { unsafe PQclear(result) }
        guard unsafe PQresultStatus(result) == PGRES_COPY_IN else { throw unsafe error(result, statement: sql) }
    }

    func putCopy(_ bytes: [UInt8]) throws {
        let sent = watching {
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe PQputCopyData(
                    handle.pointer, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
            }
        }
        guard sent == 1 else { throw lost("COPY broke off") }
    }

    /// Ends a COPY, with an error where `failure` is given, and returns the number of rows taken.
    func endCopyIn(failure: String?) throws -> Int { try watching { try finishCopyIn(failure: failure) } }

    private func finishCopyIn(failure: String?) throws -> Int {
        guard unsafe PQputCopyEnd(handle.pointer, failure) == 1 else {
            throw lost("COPY broke off")
        }
        var rows = 0
        var failed: PostgresError?
        while let result = unsafe PQgetResult(handle.pointer) {
            defer { unsafe PQclear(result) }
            if unsafe PQresultStatus(result) == PGRES_COMMAND_OK {
                if let text = unsafe PQcmdTuples(result) { rows = unsafe Int(String(cString: text)) ?? 0 }
            } else if failed == nil {
                failed = unsafe error(result, statement: nil)
            }
        }
        if let failed, failure == nil { throw failed }
        return rows
    }

    func beginCopyOut(_ sql: String) throws {
        let result = unsafe watching { unsafe PQexec(handle.pointer, sql) }
        defer { unsafe PQclear(result) }
        guard unsafe PQresultStatus(result) == PGRES_COPY_OUT else { throw unsafe error(result, statement: sql) }
    }

    /// The next bytes of a COPY, about 64 KiB of whole rows; `nil` at its end.
    func nextCopyOut() throws -> [UInt8]? { try watching { try takeCopyOut() } }

    private func takeCopyOut() throws -> [UInt8]? {
        var collected: [UInt8] = []
        while collected.count < 65_536 {
            var row: UnsafeMutablePointer<CChar>?
            let length = unsafe PQgetCopyData(handle.pointer, &row, 0)
            if length > 0, let row = unsafe row {
                defer { unsafe PQfreemem(row) }
                unsafe collected.append(
                    contentsOf: UnsafeRawBufferPointer(start: row, count: Int(length)))
                continue
            }
            if length == -1 && !collected.isEmpty { return collected }
            var failed: PostgresError?
            while let result = unsafe PQgetResult(handle.pointer) {
                defer { unsafe PQclear(result) }
                if unsafe PQresultStatus(result) != PGRES_COMMAND_OK, failed == nil {
                    failed = unsafe error(result, statement: nil)
                }
            }
            if let failed { throw failed }
            return nil
        }
        return collected
    }

    // MARK: One statement

    private func run(_ query: Query) async throws -> ResultBox {
        for bind in query.binds where bind.text?.utf8.contains(0) == true {
            throw PostgresError(.encoding, "Text with a NUL byte cannot be stored: remove it.")
        }
        return try await interruptible {
            let types = query.binds.map { Oid($0.type) }
            let result = unsafe withCStrings(query.binds.map(\.text)) { values in
                unsafe PQexecParams(
                    self.handle.pointer, query.sql, Int32(query.binds.count), types, values, nil, nil, 1)
            }
            return try unsafe self.check(result, statement: query.sql)
        }
    }

    private func interruptible<Value>(_ body: () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let cancelHandle = cancelHandle
        do {
            return try await withTaskCancellationHandler {
                // Naming the actor is what makes this closure run on its thread and not on the cooperative pool.
                self.preconditionIsolated()
                return try watching(body)
            } onCancel: {
                // PQcancel blocks while it connects, and this may run on the cooperative pool.
                Thread.detachNewThread { cancelHandle?.cancel() }
            }
        } catch let error as PostgresError where error.code == .queryCanceled && Task.isCancelled {
            throw CancellationError()
        }
    }

    /// Runs `body`, which waits for the server, no longer than the server may take.
    private func watching<Value>(_ body: () throws -> Value) rethrows -> Value {
        guard let answerWatch else { return try body() }
        return try answerWatch.watching(body)
    }

    /// That the connection is gone, while it did what `task` says.
    private func lost(_ task: String, statement: String? = nil) -> PostgresError {
        PostgresError(
            .connectionLost, answerWatch?.complaint ?? "\(task): \(handle.message)", statement: statement)
    }

    private func check(_ result: OpaquePointer?, statement: String) throws -> ResultBox {
        let status = unsafe PQresultStatus(result)
        guard let result = unsafe result, status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
            defer { unsafe PQclear(result) }
            throw unsafe error(result, statement: statement)
        }
        return unsafe ResultBox(result)
    }

    private func error(_ result: OpaquePointer?, statement: String?) -> PostgresError {
        func field(_ code: Character) -> String? {
            guard let result = unsafe result, let value = code.asciiValue,
                let text = unsafe PQresultErrorField(result, Int32(value))
            else { return nil }
            return unsafe String(cString: text)
        }
        guard unsafe PQstatus(handle.pointer) == CONNECTION_OK else {
            return lost("The connection broke", statement: statement)
        }
        let message = field("M") ?? handle.message
        return PostgresError(
            PostgresError.Code(sqlState: field("C") ?? "XX000"), message, detail: field("D"), hint: field("H"),
            statement: statement)
    }
}

/// Calls `body` with C copies of some strings, ended by a null.
func withCStrings<Result>(
    _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> Result
) rethrows -> Result {
    let copies: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { text in
        guard let text else { return nil }
        return unsafe strdup(text)
    }
    defer { unsafe copies.forEach { unsafe free($0) } }
    let pointers: [UnsafePointer<CChar>?] = unsafe copies.map { unsafe UnsafePointer($0) } + [nil]
    return try unsafe pointers.withUnsafeBufferPointer { try unsafe body($0.baseAddress!) }
}
