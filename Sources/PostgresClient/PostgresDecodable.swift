/// A type that can be read from PostgreSQL's binary form.
public protocol PostgresDecodable {
    /// The value of a field of a PostgreSQL type (its object identifier); a `nil` field is NULL.
    ///
    /// Fails for a type it cannot be read from.
    init?(postgresType: UInt32, binary: RawSpan?)
}

extension RawSpan {
    /// The big-endian integer at an offset.
    fileprivate func integer<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Number.Type)
        -> Number
    {
        Number(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    fileprivate func text(from start: Int, count: Int) -> String {
        unsafe extracting(start..<(start + count)).withUnsafeBytes { bytes in
            unsafe String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// NULL is `nil`.
    public init?(postgresType: UInt32, binary: RawSpan?) {
        guard binary != nil else {
            self = Optional<Wrapped>.none
            return
        }
        guard let value = Wrapped(postgresType: postgresType, binary: binary) else { return nil }
        self = .some(value)
    }
}

extension Int64: PostgresDecodable {
    /// Reads `int2`, `int4`, `int8` and `oid`.
    public init?(postgresType: UInt32, binary: RawSpan?) {
        guard let binary else { return nil }
        switch (postgresType, binary.byteCount) {
        case (20, 8): self = binary.integer(at: 0, as: Int64.self)
        case (23, 4): self = Int64(binary.integer(at: 0, as: Int32.self))
        case (21, 2): self = Int64(binary.integer(at: 0, as: Int16.self))
        case (26, 4): self = Int64(binary.integer(at: 0, as: UInt32.self))
        default: return nil
        }
    }
}

extension Int: PostgresDecodable {
    /// Reads `int2`, `int4`, `int8` and `oid`.
    public init?(postgresType: UInt32, binary: RawSpan?) {
        guard let value = Int64(postgresType: postgresType, binary: binary) else { return nil }
        self = Int(value)
    }
}

extension Double: PostgresDecodable {
    /// Reads `float8`, `float4` and the integer types.
    public init?(postgresType: UInt32, binary: RawSpan?) {
        guard let binary else { return nil }
        switch (postgresType, binary.byteCount) {
        case (701, 8): self = Double(bitPattern: binary.integer(at: 0, as: UInt64.self))
        case (700, 4): self = Double(Float(bitPattern: binary.integer(at: 0, as: UInt32.self)))
        default:
            guard let value = Int64(postgresType: postgresType, binary: binary) else { return nil }
            self = Double(value)
        }
    }
}

extension Bool: PostgresDecodable {
    /// Reads `bool`.
    public init?(postgresType: UInt32, binary: RawSpan?) {
        guard let binary, postgresType == 16, binary.byteCount == 1 else { return nil }
        self = binary.integer(at: 0, as: UInt8.self) != 0
    }
}

extension String: PostgresDecodable {
    /// Reads `text`, `varchar`, `char(n)`, `name`, `json` and `jsonb`; also `uuid`.
    public init?(postgresType: UInt32, binary: RawSpan?) {
        guard let binary else { return nil }
        switch postgresType {
        case 25, 1043, 1042, 19, 114, 705, 18: self = binary.text(from: 0, count: binary.byteCount)
        case 3802: self = binary.text(from: 1, count: binary.byteCount - 1)  // a version byte comes first
        default: return nil
        }
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    /// Reads a one-dimensional array whose elements can be read.
    public init?(postgresType: UInt32, binary: RawSpan?) {
        guard let binary, binary.byteCount >= 12 else { return nil }
        let dimensions = binary.integer(at: 0, as: Int32.self)
        let elementType = binary.integer(at: 8, as: UInt32.self)
        if dimensions == 0 {
            self = []
            return
        }
        guard dimensions == 1 else { return nil }
        let count = Int(binary.integer(at: 12, as: Int32.self))
        self = []
        reserveCapacity(count)
        var offset = 20
        for _ in 0..<count {
            let length = Int(binary.integer(at: offset, as: Int32.self))
            offset += 4
            let field: RawSpan? = length < 0 ? nil : binary.extracting(offset..<(offset + length))
            guard let value = Element(postgresType: elementType, binary: field) else { return nil }
            append(value)
            if length > 0 { offset += length }
        }
    }
}
