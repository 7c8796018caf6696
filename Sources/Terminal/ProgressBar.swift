internal import Foundation
internal import Synchronization

/// A bar on standard error while something long is done; silent where that is no terminal.
public final class ProgressBar: Sendable {
    private let title: String
    private let isShown: Bool
    private let shown = Mutex("")

    /// A bar with a title.
    public init(_ title: String) {
        self.title = title
        isShown = isatty(STDERR_FILENO) == 1
    }

    /// Draws the bar at a share from 0 to 1; `nil` where the whole is unknown.
    public func update(_ fraction: Double?, _ message: String = "") {
        guard isShown else { return }
        let bar = fraction.map { fraction in
            let filled = Int((min(max(fraction, 0), 1) * 24).rounded())
            return String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
                + " \(Int(fraction * 100))%"
        }
        let text = "\(title)  \(bar ?? "")  \(message)"
        shown.withLock { last in
            guard text != last else { return }
            last = text
            FileHandle.standardError.write(Data("\r\u{1b}[2K\(shortened(text, to: ProgressBar.width - 1))".utf8))
        }
    }

    /// Columns of the terminal; a line longer than that would be left behind at each update.
    private static var width: Int {
        var size = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
        return Int(size.ws_col)
    }

    /// Takes the bar away.
    public func finish() {
        guard isShown else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[2K".utf8))
    }
}
