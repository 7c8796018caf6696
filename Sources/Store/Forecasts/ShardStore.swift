internal import Forecasting
internal import Foundation
public import Pipeline
internal import PostgresClient

/// Shares the shards of a retrain through the database: each is a run of kind `shard`, which workers claim like any other.
public struct ShardStore: ShardExchange, ShardSource {
    private let database: Database

    /// An exchange in one database.
    public init(database: Database) { self.database = database }

    // MARK: Who offers

    /// Workers on other hosts that were heard of lately.
    public func helpers(of permit: WritePermit, as engine: EngineIdentity) async throws -> Int {
        try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT CASE WHEN pg_catalog.bool_and(w.code_version = \(engine.codeVersion)
                    AND w.processor = \(engine.processor)) THEN pg_catalog.count(*) ELSE 0 END AS helpers
                FROM suyo.worker AS w
                WHERE 'shard' = ANY (w.kinds) AND w.seen_at > pg_catalog.now() - interval '30 seconds'
                    -- Those beside it on its host share the same cores.
                    AND NOT EXISTS (SELECT FROM suyo.lease AS l LEFT JOIN suyo.worker AS own USING (worker_id)
                        WHERE l.run_id = \(permit.runID) AND (l.worker_id = w.worker_id OR own.host = w.host))
                """)
            return try rows[0].decode("helpers", as: Int.self)
        }
    }

    /// Offers a shard, as a run ahead of all others with one attempt.
    public func offer(_ shard: TrainingShard, under permit: WritePermit) async throws -> Int64 {
        let input = try ShardStore.text(shard)
        return try await database.transaction { connection in
            _ = try await connection.query("SELECT suyo.delete_shards()")
            // One attempt: what nobody finishes, the retrain trains itself. Ahead of everything, since a run waits for it.
            let rows = try await connection.query(
                """
                WITH made AS (
                    INSERT INTO suyo.run (job_name, kind, spec, reason, priority, max_attempts, exclusive)
                    SELECT 'shard', 'shard', pg_catalog.jsonb_build_object('run', l.run_id, 'series', \(shard.count)),
                        'retrain', 0, 1, false
                    FROM suyo.lease AS l WHERE l.run_id = \(permit.runID) AND l.fence = \(permit.fence)
                    RETURNING run_id)
                INSERT INTO suyo.shard (run_id, parent_run_id, parent_fence, input)
                SELECT run_id, \(permit.runID), \(permit.fence), \(input) FROM made RETURNING run_id
                """)
            guard let row = rows.first else { throw PipelineError.staleAttempt }
            return try row.decode("run_id", as: Int64.self)
        }
    }

    /// How shards stand; takes the runs of workers that died back on the way.
    public func states(of runs: [Int64]) async throws -> [Int64: ShardState] {
        // Workers that died are taken back by whoever looks; there may be nobody else.
        _ = try await PostgresJobStore(database: database).rescue()
        return try await database.transaction { connection in
            let rows = try await connection.query(
                """
                SELECT s.run_id, CASE WHEN s.delivered_at IS NOT NULL THEN 'trained'
                    WHEN r.state = 'running' THEN 'running' ELSE 'free' END AS state
                FROM suyo.shard AS s JOIN suyo.run AS r USING (run_id) WHERE s.run_id = ANY (\(runs))
                """)
            var states: [Int64: ShardState] = [:]
            for run in runs { states[run] = .free }
            for row in rows {
                states[try row.decode("run_id", as: Int64.self)] =
                    switch try row.decode("state", as: String.self) {
                    case "trained": .trained
                    case "running": .underWay
                    default: .free
                    }
            }
            return states
        }
    }

    /// Takes a shard back, and cancels the run that would have trained it.
    public func withdraw(_ run: Int64) async throws -> Bool {
        try await database.transaction { connection in
            // Whoever claims it locks the run first: one of both comes first.
            let rows = try await connection.query(
                """
                SELECT r.state FROM suyo.run AS r JOIN suyo.shard AS s USING (run_id)
                WHERE r.run_id = \(run) FOR UPDATE OF r
                """)
            let state = try rows.first?.decode("state", as: String.self)
            if state == "running" { return false }
            let gone = try await connection.execute(
                "DELETE FROM suyo.shard WHERE run_id = \(run) AND delivered_at IS NULL")
            if state != nil && gone == 0 { return false }
            try await connection.execute(
                """
                UPDATE suyo.run SET state = 'cancelled', finished_at = pg_catalog.now()
                WHERE run_id = \(run) AND state IN ('available', 'scheduled', 'retryable')
                """)
            return true
        }
    }

    /// What came of a shard, which is gone then.
    public func take(_ run: Int64) async throws -> ShardOutcome {
        let output = try await database.transaction { connection in
            try await connection.query("DELETE FROM suyo.shard WHERE run_id = \(run) RETURNING output").first?
                .decode("output", as: String?.self)
        }
        guard let output else { throw PipelineError.staleAttempt }
        return try ShardStore.decoder().decode(ShardOutcome.self, from: Data(output.utf8))
    }

    // MARK: Who trains

    /// The shard of a run; `nil` where the attempt that offered it is over.
    public func shard(of permit: WritePermit) async throws -> TrainingShard? {
        let input = try await database.transaction { connection in
            try await connection.query(
                """
                SELECT s.input FROM suyo.shard AS s
                JOIN suyo.lease AS l ON l.run_id = s.parent_run_id AND l.fence = s.parent_fence
                WHERE s.run_id = \(permit.runID)
                """
            ).first?.decode("input", as: String.self)
        }
        return try input.map { try ShardStore.decoder().decode(TrainingShard.self, from: Data($0.utf8)) }
    }

    /// Hands over what came of a shard; the run is done then.
    public func deliver(_ outcome: ShardOutcome, under permit: WritePermit) async throws {
        let output = try ShardStore.text(outcome)
        try await database.transaction { connection in
            try await RunEffects.seal(permit, connection)
            // Where the retrain is over meanwhile, nobody misses it.
            try await connection.execute(
                """
                UPDATE suyo.shard SET output = \(output), delivered_at = pg_catalog.now() WHERE run_id = \(permit.runID)
                """)
        }
    }

    // MARK: As text

    private static let notANumber = "NaN"
    private static let infinity = "Infinity"
    private static let negativeInfinity = "-Infinity"

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.userInfo[NamedValues.keepsOrder] = true
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: notANumber)
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.userInfo[NamedValues.keepsOrder] = true
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: infinity, negativeInfinity: negativeInfinity, nan: notANumber)
        return decoder
    }
}
