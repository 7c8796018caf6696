internal import Foundation
public import Logging

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// systemd's journal, where standard error leads to it.
public enum Journal {
    /// Whether what is written to standard error goes to the journal and to nobody else.
    ///
    /// `JOURNAL_STREAM` names device and inode of the stream (systemd.exec(5)); whoever has inherited the variable and
    /// leads standard error elsewhere, as a shell in a unit does, is told apart by them.
    public static var takesStandardError: Bool {
        takes(descriptor: STDERR_FILENO, stream: ProcessInfo.processInfo.environment["JOURNAL_STREAM"])
    }

    /// The same of any descriptor, and what the variable says.
    package static func takes(descriptor: Int32, stream: String?) -> Bool {
        var status = stat()
        guard let stream, unsafe fstat(descriptor, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    /// What the journal takes for a line's level: syslog(3)'s number in angle brackets, see sd-daemon(3).
    public static func mark(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "<7>"
        case .info: "<6>"
        case .notice: "<5>"
        case .warning: "<4>"
        case .error: "<3>"
        case .critical: "<2>"
        }
    }
}
