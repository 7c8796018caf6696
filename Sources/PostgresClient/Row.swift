internal import CLibPQ

/// Owns one result of libpq and frees it.
///
/// `@unchecked` because libpq's results are never written after they arrive, so that reading from several threads is safe.
@safe final class ResultBox: @unchecked Sendable {
    let pointer: OpaquePointer
    let columns: [String: Int32]
    let rowCount: Int32

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
        rowCount = unsafe PQntuples(pointer)
        var columns: [String: Int32] = [:]
        for column in 0..<(unsafe PQnfields(pointer)) {
            if let name = unsafe PQfname(pointer, column) { columns[unsafe String(cString: name)] = column }
        }
        self.columns = columns
    }

    deinit { unsafe PQclear(pointer) }
}

/// One row of a result.
public struct Row: Sendable {
    let box: ResultBox
    let index: Int32

    /// The value of a column by its name.
    ///
    /// Throws ``PostgresError`` with code `decoding`, naming the column, where there is none of that name, it is NULL
    /// and the type has no place for that, or it has another type.
    public func decode<Value: PostgresDecodable>(_ column: String, as type: Value.Type) throws -> Value {
        guard let place = box.columns[column] else {
            throw PostgresError(.decoding, "The result has no column \(column).")
        }
        return try decode(place, column, type)
    }

    /// The value of a column by its place, from 0.
    public func decode<Value: PostgresDecodable>(_ column: Int, as type: Value.Type) throws -> Value {
        precondition(column >= 0 && column < box.columns.count, "the result has no column \(column)")
        return try decode(Int32(column), "\(column)", type)
    }

    private func decode<Value: PostgresDecodable>(_ place: Int32, _ name: String, _ type: Value.Type) throws -> Value {
        let oid = unsafe PQftype(box.pointer, place)
        let field: RawSpan?
        if unsafe PQgetisnull(box.pointer, index, place) == 1 {
            field = nil
        } else {
            let length = unsafe Int(PQgetlength(box.pointer, index, place))
            field = unsafe RawSpan(
                _unsafeStart: PQgetvalue(box.pointer, index, place), byteCount: length)
        }
        guard let value = Value(postgresType: oid, binary: field) else {
            let found = field == nil ? "NULL" : "of type \(oid)"
            throw PostgresError(.decoding, "Column \(name) is \(found); it cannot be read as \(Value.self).")
        }
        return value
    }
}
