import Foundation
import Logging
import ServiceManager
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whether a stream is the journal's is told by device and inode, as systemd says them.
@Suite struct JournalTests {
    @Test func aStreamIsTheJournalsOnlyWhereTheNumbersAgree() {
        let (pipe, other) = (Pipe(), Pipe())
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        var status = stat()
        #expect(unsafe fstat(descriptor, &status) == 0)
        let stream = "\(status.st_dev):\(status.st_ino)"
        #expect(Journal.takes(descriptor: descriptor, stream: stream))
        #expect(!Journal.takes(descriptor: other.fileHandleForWriting.fileDescriptor, stream: stream))
        #expect(!Journal.takes(descriptor: descriptor, stream: nil))
        #expect(!Journal.takes(descriptor: descriptor, stream: ""))
        #expect(!Journal.takes(descriptor: -1, stream: stream))
    }

    @Test func levelsAreThoseOfSyslog() {
        #expect(Logger.Level.allCases.map(Journal.mark) == ["<7>", "<7>", "<6>", "<5>", "<4>", "<3>", "<2>"])
    }
}
