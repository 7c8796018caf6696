import Intake
import Testing

@Suite struct SourceDefinitionTests {
    private static let orders = """
        source: erp
        database: env:ERP_URL
        time_zone: Asia/Seoul
        queries:
          - kind: orders
            query: |
              SELECT 1 AS order_id;
            changed_at: modified
            columns: { item_id: code }
            rules:
              - when: { column: state, equals: cancel }
                set: { status: cancelled }
          - kind: items
            query: SELECT 1

        """

    @Test func itemsComeBeforeTheOrdersThatNameThem() throws {
        let source = try SourceDefinition(yaml: SourceDefinitionTests.orders, file: "erp.yaml")
        #expect(source.queries.map(\.kind) == [.items, .orders])
        #expect(source.queries[1].statement == "SELECT 1 AS order_id")
        #expect(source.queries[1].name(of: "item_id") == "code")
        #expect(source.queries[1].name(of: "quantity") == "quantity")
        #expect(source.queries[1].overlapDays == 1)
        #expect(try source.connectionString(environment: ["ERP_URL": "dbname=erp"]) == "dbname=erp")
    }

    @Test func aJobFileHoldsItInItsSpec() throws {
        let job =
            "name: x\nkind: import\nspec:\n"
            + SourceDefinitionTests.orders.split(separator: "\n").map { "  \($0)\n" }.joined()
        let hashes = try SourceDefinition(yaml: job, file: "x.yaml").queries.map(\.hash)
        #expect(
            hashes == (try SourceDefinition(yaml: SourceDefinitionTests.orders, file: "erp.yaml").queries.map(\.hash)))
    }

    @Test func writtenAsJSONItIsTheSameQueryAndWithAnotherStatementAnother() throws {
        let yaml = try SourceDefinition(
            yaml: "source: a\nqueries:\n  - { query: SELECT 1, kind: items }", file: "a.yaml")
        let json = try SourceDefinition(
            yaml: #"{"queries":[{"kind":"items","query":"SELECT 1"}],"source":"a"}"#, file: "spec")
        let other = try SourceDefinition(
            yaml: #"{"queries":[{"kind":"items","query":"SELECT 2"}],"source":"a"}"#, file: "spec")
        #expect(yaml.queries[0].hash == json.queries[0].hash)
        #expect(yaml.queries[0].hash != other.queries[0].hash)
    }

    /// What is put instead of what, and what the error says.
    @Test(arguments: [
        ("source: erp", "sorce: erp", "erp.yaml:1: the source has no key sorce; the valid ones are source, database"),
        ("env:ERP_URL", "postgresql://suyo:secret@erp/erp", "erp.yaml:2: a password does not belong here"),
        ("env:ERP_URL", "host=erp password=secret", "erp.yaml:2: a password does not belong here"),
        ("Asia/Seoul", "Asia/Soul", "erp.yaml:3: there is no time zone Asia/Soul"),
        ("kind: items", "kind: orders", "there are two queries of kind orders: join them by UNION ALL"),
        ("kind: items", "kind: tiems", "kind must be one of orders, stock"),
        ("query: SELECT 1", "sql: SELECT 1", "a query has no key sql; the valid ones are kind, query, changed_at"),
        ("changed_at: modified", "overlap_days: 3", "overlap_days goes with changed_at"),
        ("changed_at: modified", "changed_at: m\n    overlap_days: -1", "a whole number from 0 to 3650"),
        ("query: SELECT 1", "query: SELECT 1\n    deletions_within_days: 3", "deletions_within_days goes with orders"),
        ("item_id: code", "itme_id: code", "columns has no key itme_id"),
    ])
    func whatIsWrongIsSaidWithItsLine(old: String, new: String, reason: String) throws {
        let yaml = SourceDefinitionTests.orders.replacing(old, with: new)
        #expect(yaml != SourceDefinitionTests.orders)
        let error = #expect(throws: IntakeError.self) { try SourceDefinition(yaml: yaml, file: "erp.yaml") }
        #expect(error?.description.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
    }
}
