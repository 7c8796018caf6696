internal import Foundation

/// Offsets of one time zone, remembered by day, because asking for each of a million instants is slow.
final class ZoneOffsets {
    private let zone: TimeZone
    private var byDay: [Int: Int?] = [:]

    init?(zone name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.zone = zone
    }

    /// Minutes east of Greenwich at a local time; in a gap the offset before it, in a fold the first of the two.
    func offsetMinutes(of time: CivilTime) -> Int {
        let day = time.year * 10_000 + time.month * 100 + time.day
        if let known = byDay[day], let offset = known { return offset }
        let seconds = ZoneOffsets.secondsSinceEpoch(time)
        if byDay[day] == nil {
            // A day whose offset is the same two hours before it and two hours after it has only that one.
            let start = seconds - time.hour * 3600 - time.minute * 60 - time.second
            let early = offset(atLocal: start - 7200)
            let late = offset(atLocal: start + 86_400 + 7200)
            byDay[day] = .some(early == late ? early : nil)
            if early == late { return early }
        }
        return offset(atLocal: seconds)
    }

    private func offset(atLocal seconds: Int) -> Int {
        // The offset that holds a day before is the one in force before any change today: it wins where it fits.
        let before = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds - 86_400)))
        let guess = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds - before)))
        return (guess == before ? before : fits(guess, seconds) ? guess : before) / 60
    }

    private func fits(_ offset: Int, _ seconds: Int) -> Bool {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds - offset))) == offset
    }

    private static func secondsSinceEpoch(_ time: CivilTime) -> Int {
        let year = time.month <= 2 ? time.year - 1 : time.year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (time.month + (time.month > 2 ? -3 : 9)) + 2) / 5 + time.day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return days * 86_400 + time.hour * 3600 + time.minute * 60 + time.second
    }
}
