import Foundation
import Scheduling
import Testing

@Suite struct JobDefinitionTests {
    @Test func everythingHasAUsualValue() throws {
        let job = try JobDefinition(yaml: "name: a\nkind: retrain\n", file: "a.yaml")
        #expect(job == JobDefinition(name: "a", kind: "retrain"))
        #expect(try job.schedule() == nil)
    }

    @Test func everyKeyIsRead() throws {
        let job = try JobDefinition(
            yaml: """
                name: nightly
                kind: retrain
                description: every night
                cron: "30 2 * * *"
                time_zone: Asia/Seoul
                gap: skip
                fold: both
                jitter: 5m
                calendar: KR
                on_holiday: next_working_day
                working_days: MON-SAT
                after: { jobs: [import], deadline: 3h, otherwise: run }
                ready_when: { data_through: -2d, minimum_rows_share: 0.5, deadline: "05:30" }
                publish_by: "06:00"
                misfire:
                  catch_up: 3
                overlap: cancel_running
                priority: 20
                max_attempts: 5
                retry: { first_delay: 1m, factor: 3, longest_delay: 1h, jitter: 0.1, on: [database, memory] }
                timeout_seconds: 1.5
                spec:
                  horizon: 28
                  code: "007"
                  ratio: 0.5
                  flag: true
                  none: null
                  scope: { items: [A, B] }
                """, file: "nightly.yaml")
        var expected = JobDefinition(
            name: "nightly", kind: "retrain", cron: "30 2 * * *", timeZone: "Asia/Seoul",
            spec: #"{"code":"007","flag":true,"horizon":28,"none":null,"ratio":0.5,"scope":{"items":["A","B"]}}"#)
        expected.description = "every night"
        (expected.gap, expected.fold, expected.jitter) = (.skip, .both, "5m")
        (expected.calendar, expected.onHoliday, expected.workingDays) = ("KR", .nextWorkingDay, "MON-SAT")
        expected.after = .init(jobs: ["import"], deadline: "3h", otherwise: .run)
        expected.readyWhen = .init(dataThrough: "-2d", minimumRowsShare: 0.5, deadline: "05:30")
        expected.publishBy = "06:00"
        expected.misfire = .catchUp(3)
        expected.overlap = .cancelRunning
        expected.priority = 20
        expected.maxAttempts = 5
        (expected.retry.firstDelay, expected.retry.factor, expected.retry.longestDelay) = ("1m", 3, "1h")
        (expected.retry.jitter, expected.retry.on) = (0.1, [.database, .memory])
        expected.timeoutSeconds = 1.5
        #expect(job == expected)
    }

    @Test(arguments: [JobDefinition.Misfire.coalesce, .skip, .catchUp(7)])
    func isTheSameAfterJSON(_ misfire: JobDefinition.Misfire) throws {
        var job = JobDefinition(name: "a", kind: "b", cron: "@daily", timeZone: "Europe/London", spec: "{\"x\":1}")
        job.misfire = misfire
        job.overlap = .queueOne
        job.after = .init(jobs: ["x", "y"])
        (job.retry.longestDelay, job.retry.on) = ("1d", [.internal])
        (job.gap, job.fold, job.jitter) = (.skip, .second, "1h")
        job.readyWhen = .init(dataThrough: "today", minimumRowsShare: 0.25, deadline: "2h")
        job.publishBy = "4h"
        (job.calendar, job.onHoliday, job.workingDays) = ("KR", .skip, "SUN-THU")
        #expect(try JSONDecoder().decode(JobDefinition.self, from: JSONEncoder().encode(job)) == job)
    }

    @Test func theSchemaOfAJobFileHasEachKey() throws {
        let schema = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Schemas/job.schema.json")
        let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: schema)) as? [String: Any]
        let properties = try #require(parsed?["properties"] as? [String: Any])
        #expect(properties.keys.sorted() == JobDefinition.keys.sorted())
    }

    @Test func jsonNeedsOnlyNameAndKind() throws {
        let job = try JSONDecoder().decode(JobDefinition.self, from: Data(#"{"name":"a","kind":"b"}"#.utf8))
        #expect(job == JobDefinition(name: "a", kind: "b"))
    }

    /// Lines after `name: a` and `kind: b`, and the error.
    @Test(arguments: [
        ("crn: x", "job.yaml:3: 'crn' is no key of a job: did you mean cron? Those are name, kind"),
        ("time_zoen: UTC", "did you mean time_zone?"), ("shcedule: x", "is no key of a job; those are name, kind"),
        ("after: [b]", "job.yaml:3: after needs cron"), ("after: b", "job.yaml:3: after holds jobs, deadline"),
        ("cron: \"@daily\"\nafter: { deadline: 3h }", "job.yaml:4: after is a list of jobs, or holds"),
        ("cron: \"@daily\"\nafter: []", "after names no job"), ("cron: \"@daily\"\nafter: [a]", "after names the job"),
        ("cron: \"@daily\"\nafter: [[x]]", "a job is named by text"),
        ("cron: \"@daily\"\nafter: { jobs: [x], otherwise: wait }", "otherwise is 'wait'; take skip, run."),
        ("publish_by: 4h", "job.yaml:3: publish_by needs cron"),
        ("cron: \"@daily\"\npublish_by: six", "job.yaml:4: publish_by is 'six'; take a local time such as"),
        ("cron: \"@daily\"\nafter: { jobs: [x], deadline: soon }", "job.yaml:4: after: deadline is 'soon'"),
        ("cron: \"@daily\"\nafter: { job: [x] }", "did you mean jobs?"),
        ("retry: 3", "job.yaml:3: retry holds first_delay, factor, longest_delay, jitter, on."),
        ("retry: { first_dleay: 1s }", "'first_dleay' is no key of retry: did you mean first_delay?"),
        ("retry: { first_delay: soon }", "job.yaml:3: retry: first_delay is 'soon'"),
        ("retry: { first_delay: 1h }", "no longer than longest_delay, 10m"),
        ("retry: { factor: 0.5 }", "factor is 0.5; it lies between 1 and 100"), ("retry: { factor: x }", "factor is a"),
        ("retry: { jitter: 2 }", "jitter is 2.0; it lies between 0 and 1"), ("retry: { on: crash }", "on is a list of"),
        ("retry: { on: [crsh] }", "'crsh' is no kind of failure; take transient, database, crash"),
        ("retry: { on: [data] }", "on holds data, which comes to the same end again"),
        ("cron: \"61 * * * *\"", "job.yaml:3: cron: '61' is no minute: it takes 0 to 59."),
        ("cron: \"@daily\"\ntime_zone: Asia/Soul", "job.yaml:4: there is no time zone 'Asia/Soul'"),
        ("cron: * * * * *", "job.yaml:3: this is no YAML"), ("cron: [1]", "job.yaml:3: cron is text."),
        ("overlap: never", "job.yaml:3: overlap is 'never'; take skip, queue_one, allow, cancel_running."),
        ("misfire: never", "job.yaml:3: misfire is coalesce, skip, or catch_up"),
        ("misfire: { catch_up: 0 }", "from 1 to 100"), ("misfire: { catch_up: 1, x: 2 }", "misfire is"),
        ("max_attempts: 0", "job.yaml:3: max_attempts is a whole number from 1 to 100."),
        ("max_attempts: 2.5", "whole number"), ("timeout_seconds: soon", "a number from 1 to 604800"),
        ("timeout_seconds: .nan", "a number from 1"), ("spec: [1]", "job.yaml:3: spec holds keys and values."),
        ("cron: \"@daily\"\ngap: never", "job.yaml:4: gap is 'never'; take first_after, skip."),
        ("cron: \"@daily\"\nfold: third", "fold is 'third'; take first, second, both."),
        ("cron: \"@daily\"\nevery: 5m", "job.yaml:4: a job has one of cron, every and at; this one has cron already."),
        ("every: often", "job.yaml:3: every is 'often'; a length of time is written such as 90s"),
        ("every: 0s", "every is '0s'"),
        ("every: 5m\noffset: 5m", "job.yaml:4: offset is '5m'; it is shorter than every"),
        ("cron: \"@daily\"\noffset: 5m", "offset belongs to every"),
        ("at: 2026-02-30T06:00", "job.yaml:3: at is '2026-02-30T06:00'"),
        ("at: 2026-02-03", "such as 2026-12-01T06:00"),
        ("at: 2026-02-03T24:00", "at is"), ("jitter: 5m", "job.yaml:3: jitter needs cron, every or at."),
        ("cron: \"@daily\"\njitter: some", "jitter is 'some'"),
        ("cron: \"@daily\"\ncalendar: KR", "calendar needs on_holiday"),
        ("cron: \"@daily\"\non_holiday: dance", "take run, skip, next_working_day, previous_working_day"),
        ("every: 5m\non_holiday: next_working_day", "an interval cannot move"),
        ("cron: \"@daily\"\nworking_days: MON-FRY", "job.yaml:4: working_days: 'FRY' is no day of week"),
        ("ready_when: { deadline: \"05:30\" }", "job.yaml:3: ready_when needs cron"),
        ("cron: \"@daily\"\nready_when: { data_through: yesterday }", "job.yaml:4: ready_when needs a deadline"),
        ("cron: \"@daily\"\nready_when: { deadline: 3h, data: x }", "'data' is no key of ready_when"),
        ("cron: \"@daily\"\nready_when: { deadline: soon }", "deadline is 'soon'"),
        ("cron: \"@daily\"\nready_when: { deadline: 3h, data_through: 2d }", "data_through is '2d'"),
        ("cron: \"@daily\"\nready_when: { deadline: 3h, minimum_rows_share: 1.5 }", "between 0 and 1"),
        ("name: c", "job.yaml:1: name stands there twice."),
    ])
    func mistakesAreNamedWithTheirLine(_ lines: String, _ expected: String) {
        let error = #expect(throws: JobDefinition.Invalid.self) {
            try JobDefinition(yaml: "name: a\nkind: b\n\(lines)\n", file: "job.yaml")
        }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: ["", "- a", "kind: b", "name: a", "name: \"\"\nkind: b"])
    func nameAndKindAreNeeded(_ yaml: String) {
        #expect(throws: JobDefinition.Invalid.self) { try JobDefinition(yaml: yaml, file: "job.yaml") }
    }

    @Test func delaysDoubleUpToTenMinutesAndAreSpread() {
        for runID in Int64(1)...200 {
            for attempt in 1...20 {
                let base = min(600, 10 * Double(1 << min(attempt - 1, 10)))
                let delay = RetryPolicy().delay(attempt: attempt, runID: runID)
                #expect(delay >= base * 0.8 && delay < base * 1.2)
                #expect(delay == RetryPolicy().delay(attempt: attempt, runID: runID))
            }
        }
        let first = Set((Int64(1)...200).map { RetryPolicy().delay(attempt: 1, runID: $0) })
        #expect(first.count > 190)
    }

    @Test func delaysFollowTheJobsPolicyWithoutEverOverflowing() {
        var policy = RetryPolicy()
        (policy.firstDelay, policy.factor, policy.longestDelay, policy.jitter) = ("3s", 10, "1h", 0)
        #expect((1...6).map { policy.delay(attempt: $0, runID: 7) } == [3, 30, 300, 3000, 3600, 3600])
        #expect(policy.delay(attempt: .max, runID: 7) == 3600)
        policy.firstDelay = "0s"
        #expect(policy.delay(attempt: 50, runID: 7) == 0)
    }
}
