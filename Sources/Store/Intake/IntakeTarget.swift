internal import Intake

/// Where the records of one kind of file go, and what each must satisfy beyond its single values.
struct IntakeTarget {
    /// A check over a whole record: what is wrong where it holds.
    struct Check {
        var column: String
        var condition: String
        var reason: String
    }

    /// The table, schema and all.
    var table: String
    /// Its key columns.
    var key: [String]
    /// Its other columns that a file gives.
    var values: [String]
    /// Expression for a column that is not simply the staged one.
    var expressions: [String: String] = [:]
    /// Columns that the table sets itself whenever a row is written.
    var marks: [String: String] = [:]
    /// What must hold besides.
    var checks: [Check] = []
    /// Columns in units of the record's `unit`: those that grow with the factor to base units, and those that shrink.
    var quantities: (perUnit: [String], perBaseUnit: [String])?
    /// The instant whose day decides which factor holds.
    var instant = ""

    init(kind: IntakeKind) {
        switch kind {
        case .orders:
            table = "demand.order_line"
            key = ["source", "order_id", "line_no"]
            values = [
                "item_id", "site_id", "customer_id", "ordered_at", "requested_on", "status", "cancel_reason",
                "quantity", "quantity_shipped", "unit_price",
            ]
            expressions = ["status": "coalesce(n.status, 'ordered')"]
            quantities = (["quantity", "quantity_shipped"], ["unit_price"])
            instant = "ordered_at"
        case .stock:
            table = "demand.stock_level"
            key = ["item_id", "site_id", "as_of"]
            values = ["on_hand", "on_order", "reserved"]
            quantities = (["on_hand", "on_order", "reserved"], [])
            instant = "as_of"
        case .items:
            table = "demand.item"
            key = ["item_id"]
            values = ["name", "category", "unit", "introduced_on", "discontinued_on", "unit_cost", "pack_size"]
            marks = ["is_declared": "true"]
            checks = [
                Check(column: "unit_cost", condition: "unit_cost < 0", reason: "a cost cannot be negative"),
                Check(column: "pack_size", condition: "pack_size <= 0", reason: "a pack holds more than nothing"),
                Check(
                    column: "discontinued_on", condition: "discontinued_on < introduced_on",
                    reason: "the item is discontinued before it is introduced"),
            ]
        case .sites:
            table = "demand.site"
            key = ["site_id"]
            values = ["name", "time_zone"]
            expressions = ["time_zone": "coalesce(n.time_zone, 'UTC')"]
            marks = ["is_declared": "true"]
            checks = [
                Check(
                    column: "time_zone",
                    condition:
                        "time_zone IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = time_zone)",
                    reason: "there is no such time zone: take an IANA name such as Asia/Seoul")
            ]
        case .customers:
            table = "demand.customer"
            key = ["customer_id"]
            values = ["name"]
            marks = ["is_declared": "true"]
        case .events:
            table = "demand.event"
            key = ["event_id"]
            values = ["name", "kind", "item_id", "site_id", "starts_on", "ends_on", "known_from", "value"]
            expressions = ["kind": "coalesce(n.kind, 'other')"]
            checks = [
                Check(column: "ends_on", condition: "ends_on < starts_on", reason: "the event ends before it starts")
            ]
        case .holidays:
            table = "demand.holiday"
            key = ["calendar", "date"]
            values = ["name", "kind", "note"]
        case .leadTimes:
            table = "demand.lead_time"
            key = ["item_id", "site_id", "supplier", "valid_from"]
            values = ["days", "days_sd"]
            expressions = [
                "site_id": "coalesce(n.site_id, '')", "supplier": "coalesce(n.supplier, '')",
                "valid_from": "coalesce(n.valid_from, '1970-01-01')",
            ]
            checks = [
                Check(
                    column: "days", condition: "days NOT BETWEEN 0 AND 3650",
                    reason: "a lead time lies between 0 and 3650 days"),
                Check(
                    column: "days_sd", condition: "days_sd NOT BETWEEN 0 AND 3650",
                    reason: "a standard deviation lies between 0 and 3650 days"),
            ]
        case .units:
            table = "demand.unit_conversion"
            key = ["item_id", "unit", "valid_from"]
            values = ["factor"]
            expressions = [
                "item_id": "coalesce(n.item_id, '')", "valid_from": "coalesce(n.valid_from, '1970-01-01')",
            ]
            checks = [
                Check(
                    column: "factor", condition: "factor <= 0 OR factor > 1e9",
                    reason: "a unit holds more than nothing of the base unit")
            ]
        case .movements:
            table = "demand.stock_movement"
            key = ["source", "movement_id"]
            values = ["item_id", "site_id", "moved_at", "quantity"]
            quantities = (["quantity"], [])
            instant = "moved_at"
        case .likeItems:
            table = "demand.like_item"
            key = ["item_id", "like_item_id"]
            values = ["factor"]
            expressions = ["factor": "coalesce(n.factor, 1)"]
            checks = [
                Check(
                    column: "factor", condition: "factor <= 0 OR factor > 1e9",
                    reason: "it sells more than nothing for each unit of the other"),
                Check(column: "like_item_id", condition: "item_id = like_item_id", reason: "an item is like others"),
            ]
        case .lineage:
            table = "demand.lineage"
            key = ["predecessor_id"]
            values = ["item_id", "factor"]
            expressions = ["factor": "coalesce(n.factor, 1)"]
            checks = [
                Check(
                    column: "factor", condition: "factor <= 0 OR factor > 1e9",
                    reason: "one of the old stands for more than nothing of the new"),
                Check(
                    column: "item_id", condition: "item_id = predecessor_id", reason: "an item cannot replace itself"),
                Check(
                    column: "item_id", condition: IntakeTarget.closesCircle,
                    reason: "by this and other lines an item would come to replace itself"),
            ]
        }
    }

    /// Whether a staged record of lineage lies on a circle, with the other staged ones and those there were before.
    private static let closesCircle = """
        (item_id, predecessor_id) IN (
            WITH RECURSIVE edge AS (
                SELECT n.predecessor_id, n.item_id FROM pg_temp.staged AS n WHERE n.reject_reason IS NULL
                UNION ALL
                SELECT l.predecessor_id, l.item_id FROM demand.lineage AS l
                WHERE NOT EXISTS (SELECT FROM pg_temp.staged AS n
                    WHERE n.predecessor_id = l.predecessor_id AND n.reject_reason IS NULL)),
            walk AS (
                SELECT predecessor_id AS origin, item_id FROM edge
                UNION
                SELECT w.origin, e.item_id FROM walk AS w JOIN edge AS e ON e.predecessor_id = w.item_id)
            SELECT origin, item_id FROM walk)
        """
}
