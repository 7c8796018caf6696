import ArgumentParser
import AttemptProcess
import Forecasting
import Foundation
import Intake
import Logging
import Pipeline
import PostgresClient
import PrivateDatabase
import Scheduling
import SeriesFiles
import ServiceManager
import Settings
import StatusServer
import Store
import TabularText

/// An error of the command line's own: one sentence and an exit code.
struct Failure: Error, CustomStringConvertible {
    /// Exit codes after sysexits(3).
    enum Code: Int32 {
        /// The check that was asked for failed.
        case checkFailed = 1
        case usage = 64
        case data = 65
        case noInput = 66
        case unavailable = 69
        case internalError = 70
        case tryLater = 75
        case configuration = 78
    }

    var code: Code
    var description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Says what went wrong on standard error and ends the process with the code that belongs to it.
    static func exit(_ error: any Error) -> Never {
        guard let code = code(of: error) else { Suyo.exit(withError: error) }
        let mark = Journal.takesStandardError ? Journal.mark(.error) : ""
        FileHandle.standardError.write(Data("\(mark)suyo: \(error)\n".utf8))
        Foundation.exit(code.rawValue)
    }

    /// The code of an error; `nil` for those that the argument parser knows how to show.
    private static func code(of error: any Error) -> Code? {
        switch error {
        case let failure as Failure: failure.code
        case let error as TabularError:
            if case .file = error { .noInput } else { .data }
        case let error as IntakeError:
            if case .mapping = error { .configuration } else { .data }
        case is SeriesFileError, is Refusal: .data
        case let error as SourceError:
            switch error {
            case .unreachable: .unavailable
            case .refused, .invalid: .configuration
            case .tooSlow, .overtaken: .tryLater
            case .manyDeletions: .data
            }
        case let error as PipelineError:
            switch error {
            case .invalidSpecification, .otherEngine: .configuration
            case .noDemand, .tampered: .data
            case .staleAttempt, .championChanged: .tryLater
            }
        case is ForecastError, is ReportError, is AttemptFailure: .usage
        case is JobDefinition.Invalid, is SettingsError, is Migrator.Refusal: .configuration
        case is CronExpression.Invalid: .usage
        case is PrivateDatabaseError, is StatusServer.Failure: .unavailable
        case let error as PostgresError:
            error.isConnectionLost ? .unavailable : error.isTransient ? .tryLater : .internalError
        case is CancellationError: .tryLater
        case is ExitCode, is ValidationError, is CleanExit: nil
        default: String(reflecting: type(of: error)).hasPrefix("ArgumentParser.") ? nil : .internalError
        }
    }
}
