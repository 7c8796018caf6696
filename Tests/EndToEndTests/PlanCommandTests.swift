import PostgresClient
import TestSupport
import Testing

/// `suyo plan`, as a planner types it.
@Suite struct PlanCommandTests {
    /// Forecasts of seven days, and stock of two items whose lead time is two days.
    private func planned(_ body: (Company) async throws -> Void) async throws {
        try await Company.with { company in
            let run = try await company.suyo.run(["jobs", "run", "nightly"])
            try #require(run.code == 0, "\(run.errors)")
            try await company.connection.execute(
                """
                INSERT INTO demand.lead_time (item_id, days) VALUES ('apple', 2), ('pear', 2)
                """)
            try await company.connection.execute(
                """
                INSERT INTO demand.stock_level (item_id, site_id, as_of, on_hand)
                VALUES ('apple', 'ICN', '2026-06-30 00:00+09', 5), ('pear', 'ICN', '2026-06-30 00:00+09', 1000)
                """)
            let policy = try await company.suyo.run([
                "plan", "set-policy", "--review", "3", "--reason", "reviewed twice a week",
            ])
            try #require(policy.code == 0, "\(policy.errors)")
            try await body(company)
        }
    }

    @Test func whatIsDueIsShownAndTheRestOnRequest() async throws {
        try await planned { company in
            let due = try await company.suyo.run(["plan", "replenishment"])
            #expect(due.code == 0)
            #expect(due.output.contains("apple"))
            #expect(!due.output.contains("pear"))
            #expect(due.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(due.output)")
            let all = try await company.suyo.run(["plan", "replenishment", "--all", "--format", "csv"])
            let lines = all.output.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(
                lines[0].hasPrefix("item_id,site_id,category,class,on_hand,on_order,reserved,position,stock_as_of,"))
            let pear = try await company.suyo.run([
                "plan", "replenishment", "pear", "--site", "ICN", "--format", "json",
            ])
            #expect(pear.output.contains("\"suggested_quantity\": 0,"), "\(pear.output)")
            // A quince is counted nowhere.
            let quince = try await company.suyo.run(["plan", "replenishment", "quince"])
            #expect(quince.output.contains("no stock count"))
            let unknown = try await company.suyo.run(["plan", "replenishment", "plum"])
            #expect(unknown.code == 65)
            #expect(unknown.errors.contains("No forecast of item 'plum' is current"), "\(unknown.errors)")
        }
    }

    @Test func exceptionsAreListedAndAcknowledged() async throws {
        try await planned { company in
            let found = try await company.suyo.run(["plan", "exceptions", "--refresh", "--format", "csv"])
            #expect(found.code == 0)
            #expect(found.output.contains("about_to_run_out,,apple,ICN,"), "\(found.output)")
            #expect(found.output.contains("overstock,,pear,ICN,"), "\(found.output)")
            let number = try #require(
                try await company.text("SELECT exception_id::text FROM forecast.exception WHERE item_id = 'apple'"))
            let taken = try await company.suyo.run([
                "plan", "acknowledge", number, "--reason", "ordered by telephone",
            ])
            #expect(taken.output == "Exception \(number) is acknowledged.\n")
            let again = try await company.suyo.run(["plan", "acknowledge", number, "--reason", "x"])
            #expect(again.code == 1)
            let left = try await company.suyo.run(["plan", "exceptions"])
            #expect(!left.output.contains("apple"))
            let all = try await company.suyo.run(["plan", "exceptions", "--all"])
            #expect(all.output.contains("apple"))
        }
    }

    @Test func policiesAreSetListedAndWithdrawn() async throws {
        try await planned { company in
            let before = try await company.suyo.run(["plan", "replenishment", "apple", "--format", "csv"])
            let set = try await company.suyo.run([
                "plan", "set-policy", "--item", "apple", "--service-level", "0.99", "--pack", "1000", "--reason", "big",
            ])
            #expect(set.code == 0, "\(set.errors)")
            let after = try await company.suyo.run(["plan", "replenishment", "apple", "--format", "csv"])
            #expect(before.output != after.output)
            #expect(after.output.contains(",1000,"), "\(after.output)")
            let list = try await company.suyo.run(["plan", "policies"])
            #expect(list.output.contains("reviewed twice a week") && list.output.contains("big"))
            let number = try #require(
                try await company.text("SELECT pg_catalog.max(policy_id)::text FROM forecast.planning_policy"))
            let withdrawn = try await company.suyo.run(["plan", "withdraw-policy", number])
            #expect(withdrawn.output == "Policy \(number) counts no more.\n")
            for (arguments, text) in [
                (["--service-level", "95"], "a service level of 95 is none: take 0.5 to 0.999; 95 percent is 0.95."),
                (["--item", "plum", "--service-level", "0.9"], "there is no item 'plum'"),
                (["--lead-time=-3"], "a lead time of -3 days is none: take 0 to 3650."),
            ] {
                let wrong = try await company.suyo.run(["plan", "set-policy", "--reason", "x"] + arguments)
                #expect(wrong.code == 65)
                #expect(wrong.errors.contains(text), "\(wrong.errors)")
            }
        }
    }
}
