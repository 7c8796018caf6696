/// Eight problems worked on at once, one per lane; two registers of AVX2, four of NEON.
///
/// Every operation is lane by lane, so that what one lane holds, NaN included, never reaches its neighbours.
typealias Lanes = SIMD8<Double>

/// A truth per lane.
typealias LaneMask = SIMDMask<SIMD8<Int64>>

extension Lanes {
    /// How many problems are worked on at once.
    static let width = 8

    /// The lanes of `self` where `mask` holds, 0 elsewhere.
    @inline(__always) func kept(where mask: LaneMask) -> Lanes { Lanes().replacing(with: self, where: mask) }

    /// Subtracts a product, rounded once.
    @inline(__always) mutating func subtractProduct(_ left: Lanes, _ right: Lanes) { addProduct(-left, right) }

    /// Whether each lane is finite.
    @inline(__always) var isFiniteMask: LaneMask {
        // NaN − NaN and ∞ − ∞ are NaN, which equals nothing.
        (self - self) .== 0
    }

    /// Applies a scalar function to each lane.
    func mapped(_ transform: (Double) -> Double) -> Lanes {
        var result = Lanes()
        for lane in 0..<Lanes.width { result[lane] = transform(self[lane]) }
        return result
    }
}

extension LaneMask {
    /// Whether any lane holds.
    var any: Bool {
        for lane in 0..<Lanes.width where self[lane] { return true }
        return false
    }
}

/// A flat, fixed-size store of lanes for the inner loops of the batched fit.
///
/// Indices are checked in debug builds only: the loops that use it index by their own counters, and a check per load
/// would cost as much as the arithmetic. This is the only place where they touch memory.
@safe struct LaneBuffer: ~Copyable {
    private let storage: UnsafeMutablePointer<Lanes>
    /// How many entries.
    let count: Int

    /// A store of zeros.
    init(count: Int) {
        self.count = count
        unsafe storage = UnsafeMutablePointer<Lanes>.allocate(capacity: max(count, 1))
        unsafe storage.initialize(repeating: Lanes(), count: max(count, 1))
    }

    deinit { unsafe storage.deallocate() }

    subscript(index: Int) -> Lanes {
        @inline(__always) get {
            assert(index >= 0 && index < count)
            return unsafe storage[index]
        }
        @inline(__always) nonmutating set {
            assert(index >= 0 && index < count)
            unsafe storage[index] = newValue
        }
    }

    /// One lane of one entry.
    subscript(index: Int, lane: Int) -> Double {
        @inline(__always) get {
            assert(index >= 0 && index < count && lane >= 0 && lane < Lanes.width)
            return unsafe UnsafeRawPointer(storage).load(
                fromByteOffset: (index * Lanes.width + lane) * MemoryLayout<Double>.stride, as: Double.self)
        }
        @inline(__always) nonmutating set {
            assert(index >= 0 && index < count && lane >= 0 && lane < Lanes.width)
            unsafe UnsafeMutableRawPointer(storage).storeBytes(
                of: newValue, toByteOffset: (index * Lanes.width + lane) * MemoryLayout<Double>.stride, as: Double.self)
        }
    }

    /// The entries for a loop, good while the store lives.
    var view: LaneView {
        @inline(__always) get { unsafe LaneView(storage: storage) }
    }

    /// Sets every entry of a range.
    func fill(_ range: Range<Int>, with value: Lanes = Lanes()) {
        for index in range { self[index] = value }
    }
}

/// The entries of a `LaneBuffer`, held in a local of an inner loop: a store through a pointer could change a pointer that
/// lies in memory, which is then loaded again at every access, but not one in a register. Indices are not checked.
@safe struct LaneView {
    fileprivate let storage: UnsafeMutablePointer<Lanes>

    subscript(index: Int) -> Lanes {
        @inline(__always) get { unsafe storage[index] }
        @inline(__always) nonmutating set { unsafe storage[index] = newValue }
    }
}
