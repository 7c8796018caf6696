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
            FileHandle.standardError.write(Data("\r\u{1b}[2K\(text.prefix(100))".utf8))
        }
    }

    /// Takes the bar away.
    public func finish() {
        guard isShown else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[2K".utf8))
    }
}
