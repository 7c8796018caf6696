internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// How much memory an attempt's process may take, in megabytes of 2²⁰ bytes.
///
/// What counts is what it has written to (resident and not shared with a file), because that is what the machine runs
/// short of. The kernel can limit only what a process has asked for, of which allocators reserve more than they use: that
/// limit lies higher, and stops what asks for very much at once.
struct MemoryLimit {
    let megabytes: Int

    /// Time between two looks.
    private static let interval = 0.05

    /// From now on the process ends where it takes more, and says so.
    func enforce(_ report: AttemptReport) {
        #if canImport(Glibc)
            let bytes = rlim_t(megabytes + megabytes / 4 + 512) << 20
            var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
            let thread = Thread { [self] in
                while written <= megabytes { Thread.sleep(forTimeInterval: MemoryLimit.interval) }
                let failure = AttemptFailure.memory(megabytes)
                report.send(.failed(failure.failureClass, error: failure.description))
                // Not `exit`, which would run what other threads are in the middle of.
                _exit(0)
            }
            thread.stackSize = 256 << 10
            thread.start()
        #endif
    }

    #if canImport(Glibc)
        /// Megabytes it has written to; 0 where the system does not say.
        private var written: Int {
            guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
            let pages = text.split(separator: " ").compactMap { Int($0) }
            guard pages.count > 2 else { return 0 }
            return (pages[1] - pages[2]) * Int(sysconf(Int32(_SC_PAGESIZE))) / (1 << 20)
        }
    #endif
}
