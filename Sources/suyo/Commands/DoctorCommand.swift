import ArgumentParser
import Foundation
import PostgresClient
import PrivateDatabase
import ProcessorSupport
import Settings
import Store
import Terminal

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks database, schema, roles, clocks and disk; exit 1 where suyo could not work well.",
        discussion: "Example:  suyo doctor")

    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let settings = try options.settings()
        let findings = await Examination(settings: settings).findings()
        output.print(
            Report(
                columns: ["check", "ok", "finding"],
                rows: findings.map { [.text($0.check), .boolean($0.isFit), .text($0.text)] }))
        if findings.contains(where: { !$0.isFit }) { throw ExitCode(Failure.Code.checkFailed.rawValue) }
    }
}

/// Looks at everything suyo depends on, each apart, so that one bad thing does not hide another.
private struct Examination {
    struct Finding {
        var check: String
        var isFit: Bool
        var text: String
    }

    let settings: Settings

    func findings() async -> [Finding] {
        var findings = [
            Finding(
                check: "settings", isFit: true,
                text: settings.file.map { "read from \($0)" } ?? "no settings file; environment and defaults"),
            Finding(
                check: "processor", isFit: ProcessorSupport.complaint == nil,
                text: ProcessorSupport.complaint
                    ?? "\(ProcessInfo.processInfo.activeProcessorCount) cores with what suyo was built for"),
        ]
        let (target, privateDatabase) = Workspace.locate(settings)
        do {
            try privateDatabase?.start()
            let database = Database(target: target, size: 1)
            let inspection = DatabaseInspection(database: database)
            let server = try await inspection.server()
            findings += judge(server, place: privateDatabase.map { "private, in \($0.home)" } ?? target.description)
            let schema = await schema(database)
            findings.append(schema)
            if schema.isFit {
                findings.append(judge(try await inspection.user()))
                findings.append(
                    judge(
                        "holidays", try await inspection.calendarTroubles(),
                        otherwise: "every calendar that jobs go by reaches another year",
                        advice: "suyo import holidays"))
                findings.append(
                    judge(
                        "events", try await inspection.silentConsumers(), otherwise: "every consumer keeps up",
                        advice: "SELECT forecast.unsubscribe(NAME) for one that is gone"))
            }
            findings.append(judge(try await inspection.roles()))
            await database.close()
        } catch {
            findings.append(Finding(check: "database", isFit: false, text: "\(error)"))
        }
        findings.append(disk(privateDatabase?.home ?? NSTemporaryDirectory()))
        return findings
    }

    private func judge(_ server: DatabaseInspection.Server, place: String) -> [Finding] {
        [
            Finding(
                check: "database", isFit: server.versionNumber >= 140_000 && !server.isStandby,
                text:
                    "PostgreSQL \(server.version) (\(place))\(server.isStandby ? ": a standby, which cannot be written to" : "")\(server.versionNumber < 140_000 ? ": 14 or newer is needed" : "")"
            ),
            Finding(
                check: "encoding", isFit: server.encoding == "UTF8",
                text: server.encoding == "UTF8" ? "UTF8" : "\(server.encoding): names in Korean need UTF8"),
            Finding(
                check: "clock", isFit: server.clockAhead.magnitude < 5,
                text: "this machine is \(decimal(server.clockAhead, 2)) s ahead of the database, whose clock decides"),
        ]
    }

    /// Fit where there are no troubles.
    private func judge(_ check: String, _ troubles: [String], otherwise: String, advice: String) -> Finding {
        Finding(
            check: check, isFit: troubles.isEmpty,
            text: troubles.isEmpty ? otherwise : "\(troubles.joined(separator: "; ")): \(advice)")
    }

    /// Whoever only looks is fit as well.
    private func judge(_ user: DatabaseInspection.User) -> Finding {
        let roles = user.roles.isEmpty ? "in none of the roles" : "in \(user.roles.joined(separator: ", "))"
        return Finding(
            check: "user", isFit: true,
            text: user.serves
                ? "\(user.name) may run suyo serve"
                : "\(user.name) is \(roles); to run suyo serve it takes suyo_service: GRANT suyo_service TO \(user.name)"
        )
    }

    /// Suyo itself works without the roles; others are granted what they need through them.
    private func judge(_ roles: [DatabaseInspection.Role]) -> Finding {
        let missing = roles.filter { !$0.exists }.map(\.name)
        let bare = roles.filter { $0.exists && !$0.isGranted }.map(\.name)
        var remarks: [String] = []
        if !missing.isEmpty {
            remarks.append(
                "not there: \(missing.joined(separator: ", ")); grants to others need them: suyo db migrate as a user who may create roles"
            )
        }
        if !bare.isEmpty { remarks.append("without rights: \(bare.joined(separator: ", ")); run suyo db migrate") }
        return Finding(
            check: "roles", isFit: bare.isEmpty,
            text: remarks.isEmpty ? "all five exist, with their rights" : remarks.joined(separator: "; "))
    }

    private func schema(_ database: Database) async -> Finding {
        do {
            try await Migrator(database: database).verify()
            return Finding(check: "schema", isFit: true, text: "up to date")
        } catch {
            return Finding(check: "schema", isFit: false, text: "\(error)")
        }
    }

    private func disk(_ path: String) -> Finding {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        guard let free = attributes?[.systemFreeSize] as? NSNumber else {
            return Finding(check: "disk", isFit: true, text: "\(path): free space is not known")
        }
        let gigabytes = free.doubleValue / 1e9
        return Finding(
            check: "disk", isFit: gigabytes >= 1,
            text: "\(decimal(gigabytes, 1)) GB free at \(path)\(gigabytes < 1 ? ": make room, 1 GB at least" : "")")
    }
}
