internal import Foundation
internal import Yams

/// The file `suyo.yaml`.
enum SettingsFile {
    /// The file to read: the one named, which must exist, else the first usual one that does.
    static func find(named: String?, environment: [String: String]) throws(SettingsError) -> String? {
        let variable = environment["SUYO_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        if let path = named ?? variable {
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw SettingsError("The settings file \(path) cannot be read: look at --config and SUYO_CONFIG.")
            }
            return path
        }
        var usual = ["suyo.yaml"]
        if let home = environment["HOME"] { usual.append(home + "/.config/suyo/suyo.yaml") }
        usual.append("/etc/suyo/suyo.yaml")
        return usual.first { FileManager.default.isReadableFile(atPath: $0) }
    }

    /// Throws where the file is no mapping of known keys to single values.
    static func check(_ path: String) throws(SettingsError) {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw SettingsError("\(path): \(error)")
        }
        guard let root else { return }
        guard case .mapping(let mapping) = root else {
            throw SettingsError("\(path): it must hold keys and values such as 'threads: 2'.")
        }
        let known = SettingName.allCases.map(\.key)
        for (key, value) in mapping {
            let place = "\(path)\(key.mark.map { ":\($0.line)" } ?? "")"
            let name = key.string ?? "?"
            guard known.contains(name) else {
                throw SettingsError(
                    "\(place): there is no setting '\(name)'; there are \(known.joined(separator: ", ")).")
            }
            guard value.scalar != nil else { throw SettingsError("\(place): \(name) takes a single value.") }
        }
    }
}
