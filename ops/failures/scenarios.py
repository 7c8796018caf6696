"""What goes wrong, one class each: `play` does it so many times and returns the seconds until all was well again."""

import contextlib
import glob
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

from proxy import Proxy
from world import PORT, send, wait_until

random.seed(20261125)


@contextlib.contextmanager
def pooled(server):
    """A PgBouncer in transaction mode before a server, and its URL."""
    folder, port = pathlib.Path(server.folder), PORT + 1
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\npostgres = host=127.0.0.1 port={PORT} user=suyo\n[pgbouncer]\npool_mode = transaction\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\nunix_socket_dir =\n"
        f"default_pool_size = 20\nmax_client_conn = 200\nlogfile = {folder}/pgbouncer.log\n")
    pooler = subprocess.Popen([*server.prefix, "pgbouncer", "-q", str(folder / "pgbouncer.ini")],
                              stderr=subprocess.DEVNULL)
    try:
        wait_until("the pooler answers", lambda: subprocess.run(
            ["psql", "-XAtqc", "SELECT 1", server.url.replace(str(PORT), str(port))], capture_output=True).returncode == 0)
        yield server.url.replace(str(PORT), str(port))
    finally:
        pooler.terminate()
        pooler.wait()


class Scenario:
    title = ""
    # How many times dearer than the others.
    cost = 1
    # How many the company sells.
    items = 3
    # Of the server.
    settings = ()

    def __init__(self, world):
        self.world = world
        self.server = world.server
        # What there is to say besides the row of the table.
        self.notes = []

    @contextlib.contextmanager
    def held(self):
        """Keeps every attempt where it reads its demand, so that one is surely under way."""
        holder = subprocess.Popen(["psql", "-Xq", self.server.url], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  text=True)
        holder.stdin.write("BEGIN; LOCK TABLE demand.order_line IN ACCESS EXCLUSIVE MODE;\n")
        holder.stdin.flush()
        try:
            yield
        finally:
            with contextlib.suppress(BrokenPipeError):
                holder.stdin.write("ROLLBACK;\n")
                holder.stdin.close()
            try:
                holder.wait(timeout=5)
            except subprocess.TimeoutExpired:
                # Its server hangs.
                holder.kill()
                holder.wait()

    def under_way(self):
        """A run of `train` that is at work, waiting for one."""
        found = []
        wait_until("a run is under way", lambda: found.append(self.world.running()) or found[-1])
        return found[-1]

    def back(self, run, fence):
        """Seconds until a run is at work again; it is then let finish, so that the next failure meets another one."""
        seconds = wait_until(f"run {run} is at work again", lambda: self.world.is_taken_up(run, fence))
        self.world.finish(run)
        return seconds


class Child(Scenario):
    title = "kill -9 of an attempt"

    def play(self, rounds):
        daemon, times = self.world.daemon(), []
        for _ in range(rounds):
            with self.held():
                run, fence, _ = self.under_way()
                wait_until("its process is there", daemon.children)
                time.sleep(random.random())
                send(daemon.children(), signal.SIGKILL)
                # The server notices a dead client only where it has something to say to it.
            times.append(self.back(run, fence))
        return times


class DaemonKill(Scenario):
    title = "kill -9 of a daemon"

    def play(self, rounds):
        daemons, times = [self.world.daemon(), self.world.daemon()], []
        for _ in range(rounds):
            with self.held():
                run, fence, pid = self.under_way()
                time.sleep(random.random() * 5)
                victim = next(daemon for daemon in daemons if daemon.pid == pid)
                victim.kill()
            times.append(self.back(run, fence))
            daemons.remove(victim)
            daemons.append(self.world.daemon())
        return times


class RandomKill(Scenario):
    title = "kill -9 of either, at any moment"
    # A retrain takes a second or two, so that most kills meet one.
    items = 2000

    def play(self, rounds):
        daemons, times = [self.world.daemon(), self.world.daemon()], []
        wait_until("a run is completed", self.world.is_alive)
        for _ in range(rounds):
            time.sleep(random.random() * 3)
            victim = random.choice(daemons)
            if random.random() < 0.5:
                send(victim.children(), signal.SIGKILL)
            else:
                victim.kill()
                daemons.remove(victim)
                daemons.append(self.world.daemon())
            struck = [run for run, in self.server.sql("SELECT run_id FROM suyo.run WHERE state IN ('running', 'retryable')")]
            begun = time.monotonic()
            for run in struck:
                self.world.finish(run)
            if struck:
                times.append(time.monotonic() - begun)
        return times


class Backend(Scenario):
    title = "a server process ended"

    def play(self, rounds):
        self.world.daemon(), self.world.daemon()
        times = []
        for _ in range(rounds):
            wait_until("a run is completed", self.world.is_alive)
            time.sleep(random.random())
            self.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'suyo'")
            begun = self.server.value("SELECT now()")
            times.append(wait_until("a run is completed", lambda: self.server.value(
                f"SELECT true FROM suyo.run WHERE state = 'completed' AND started_at > '{begun}' LIMIT 1")))
        return times


class Restart(Scenario):
    title = "PostgreSQL restarted"
    cost = 2
    pause = 0
    modes = ("fast", "immediate")

    def play(self, rounds):
        self.world.daemon(), self.world.daemon()
        times = []
        for number in range(rounds):
            with self.held():
                run, fence, _ = self.under_way()
                self.server.stop(self.modes[number % len(self.modes)])
                time.sleep(self.pause)
                self.server.start()
            times.append(self.back(run, fence))
        return times


class Stop(Restart):
    title = "PostgreSQL away for a minute"
    cost = 5
    pause = 60


class Switch(Scenario):
    title = "primary stopped, standby promoted"
    modes = ("fast", "immediate")

    def lose(self, number):
        """Takes the primary away."""
        self.server.stop(self.modes[number % len(self.modes)])

    def committed(self):
        """Ticks that are decided and runs that are over."""
        return {tuple(row) for row in self.server.sql(
            "SELECT job_id, fire_at, outcome, run_id FROM suyo.tick UNION ALL "
            "SELECT job_id, finished_at, state, run_id FROM suyo.run WHERE finished_at IS NOT NULL")}

    def play(self, rounds):
        standby, times = self.world.standby(), []
        hosts = f"127.0.0.1:{self.server.port},127.0.0.1:{standby.port}"
        url = self.server.url.replace(f"127.0.0.1:{self.server.port}", hosts)
        # A daemon looks for the server that takes writes, whether it is told to or not.
        self.world.daemon(url + "&target_session_attrs=read-write"), self.world.daemon(url)
        for number in range(rounds):
            with self.held():
                run, fence, _ = self.under_way()
                committed, begun = self.committed(), time.monotonic()
                self.lose(number)
                standby.promote()
                lost, self.server = self.server, self.world.use(standby)
            away = time.monotonic() - begun
            times.append(away + self.back(run, fence))
            missing = committed - self.committed()
            if missing:
                raise AssertionError(f"{len(missing)} rows that were committed are lost, such as {min(missing)}")
            # In its place comes a new standby, so that the next switch leads back.
            self.world.retire(lost)
            standby = self.world.standby()
        return times


class Hang(Switch):
    title = "primary hangs, standby promoted"
    cost = 2

    def lose(self, number):
        # Connections to it stay open and are acknowledged by the kernel; nobody answers.
        send(self.server.processes(), signal.SIGSTOP)


class Freeze(Scenario):
    title = "a daemon frozen past its lease"
    cost = 3

    def play(self, rounds):
        daemons, times = [self.world.daemon() for _ in range(3)], []
        for _ in range(rounds):
            with self.held():
                run, fence, pid = self.under_way()
                victim = next(daemon for daemon in daemons if daemon.pid == pid)
                wait_until("its process is there", victim.children)
                # The whole machine, as when it is suspended: daemon and attempt.
                frozen = [victim.pid, *victim.children()]
                send(frozen, signal.SIGSTOP)
            times.append(self.back(run, fence))
            # It goes on with what it was about to write.
            send(frozen, signal.SIGCONT)
            wait_until("the thawed daemon works again", lambda: self.server.value(
                f"SELECT true FROM suyo.worker WHERE process_id = {victim.pid} AND seen_at > now() - interval '3 s'"))
        return times


class FreezeDaemonOnly(Freeze):
    title = "a daemon frozen, its attempt not"

    def play(self, rounds):
        daemons, times = [self.world.daemon() for _ in range(3)], []
        for _ in range(rounds):
            holder = self.held()
            holder.__enter__()
            run, fence, pid = self.under_way()
            victim = next(daemon for daemon in daemons if daemon.pid == pid)
            wait_until("its process is there", victim.children)
            send([victim.pid], signal.SIGSTOP)
            # Held up until another has the run; then both are let go at once, and one of them may publish.
            times.append(wait_until("another has the run", lambda: self.world.is_taken_up(run, fence)))
            holder.__exit__(None, None, None)
            wait_until("the run is completed", lambda: self.server.value(
                f"SELECT true FROM suyo.run WHERE run_id = {run} AND state = 'completed'"))
            send([victim.pid], signal.SIGCONT)
            wait_until("the thawed daemon works again", lambda: self.server.value(
                f"SELECT true FROM suyo.worker WHERE process_id = {victim.pid} AND seen_at > now() - interval '3 s'"))
        return times


class Cut(Scenario):
    title = "connection cut at a COMMIT"

    def play(self, rounds):
        proxy, times = Proxy(PORT), []
        url = self.server.url.replace(str(PORT), str(proxy.port))
        self.world.daemon(url), self.world.daemon(url)
        for number in range(rounds):
            wait_until("a run is completed", self.world.is_alive)
            cuts = proxy.cuts
            proxy.cut_at_commit(random.randrange(40))
            wait_until("a COMMIT is cut", lambda: proxy.cuts > cuts)
            if number % 4 == 3:
                proxy.cut()
            begun = self.server.value("SELECT now()")
            times.append(wait_until("a run is completed", lambda: self.server.value(
                f"SELECT true FROM suyo.run WHERE state = 'completed' AND started_at > '{begun}' LIMIT 1")))
        self.world.settle()
        proxy.close()
        return times


class Clock(Scenario):
    title = "a daemon's clock two hours off"

    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)

    @classmethod
    def missing(cls):
        return None if cls.library else "libfaketime"

    def play(self, rounds):
        times = []
        for number in range(rounds):
            daemon = self.world.daemon(environment={
                "LD_PRELOAD": self.library, "FAKETIME": "+2h" if number % 2 == 0 else "-2h",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"})
            begun = self.server.value("SELECT now()")
            wait_until("it says so", lambda: "clock differs from the database" in daemon.text())
            times.append(wait_until("a run of its own is completed", lambda: self.server.value(
                f"SELECT true FROM suyo.run WHERE state = 'completed' AND started_at > '{begun}' LIMIT 1")))
            # Nothing is due early, and nothing waits two hours.
            early = self.server.value(
                "SELECT count(*) FROM suyo.tick WHERE decided_at < fire_at OR decided_at > fire_at + interval '1 min'")
            if early != "0":
                raise AssertionError(f"{early} ticks were fired early or an hour late")
            if number < rounds - 1:
                daemon.kill(signal.SIGTERM)
        return times


class Pooler(Scenario):
    title = "PgBouncer between, attempts killed"

    @classmethod
    def missing(cls):
        return None if shutil.which("pgbouncer") else "pgbouncer"

    def play(self, rounds):
        with pooled(self.server) as url:
            daemon, times = self.world.daemon(url), []
            wait_until("a run is completed", self.world.is_alive)
            wait_until("it knows that no notification arrives", lambda: "no notifications arrive" in daemon.text())
            for _ in range(rounds):
                with self.held():
                    run, fence, _ = self.under_way()
                    wait_until("its process is there", daemon.children)
                    send(daemon.children(), signal.SIGKILL)
                times.append(self.back(run, fence))
            self.world.settle()
            return times


class Backlog(Scenario):
    title = "10,000 ticks due after an outage"

    def play(self, rounds):
        times = []
        for number in range(rounds):
            # A hundred jobs, due each minute, and nobody there for a hundred minutes; each runs as of the last of its
            # ticks and records the others.
            jobs = f"name LIKE 'late-{number}-%'"
            self.server.sql(
                f"SELECT suyo.schedule('late-{number}-' || n, 'forecast', '* * * * *', 'UTC', '{{\"frequency\": \"daily\","
                " \"horizon\": 3, \"origins\": 1, \"model\": \"naive\"}') FROM generate_series(1, 100) AS n")
            self.server.sql(
                "UPDATE suyo.job SET considered_until = date_trunc('minute', now()) - interval '100 min',"
                f" next_fire_at = date_trunc('minute', now()) - interval '99 min' WHERE {jobs}")
            daemons = [self.world.daemon() for _ in range(3)]
            times.append(wait_until("every tick is decided", lambda: self.server.value(
                f"SELECT true FROM suyo.tick JOIN suyo.job USING (job_id) WHERE {jobs} HAVING sum(tick_count) >= 10000")))
            wait_until("every run is over", lambda: self.server.value(
                f"SELECT true WHERE NOT EXISTS (SELECT FROM suyo.run WHERE job_{jobs} "
                "AND state NOT IN ('completed', 'failed', 'cancelled'))"))
            self.server.sql(f"SELECT suyo.pause(name) FROM suyo.job WHERE {jobs}")
            wrong = self.server.value(
                "SELECT count(*) FROM (SELECT job_id, sum(tick_count) AS ticks, "
                "(extract(epoch FROM max(fire_at) - min(fire_at)) / 60)::int + 1 + "
                "(array_agg(tick_count ORDER BY fire_at DESC))[1] - 1 AS instants "
                f"FROM suyo.tick JOIN suyo.job USING (job_id) WHERE {jobs} GROUP BY job_id) AS n "
                "WHERE ticks <> instants OR ticks < 100")
            if wrong != "0":
                raise AssertionError(f"{wrong} jobs have lost or doubled ticks")
            for daemon in daemons[:-1] if number == rounds - 1 else daemons:
                daemon.kill(signal.SIGTERM)
        return times


class OldSnapshot(Scenario):
    title = "an old transaction, 3,000 runs"
    cost = 2
    # Autovacuum looks more often than each minute, so that a round takes two.
    settings = ("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_planning=on",
                "autovacuum_naptime=5s")
    tables = ("lease", "run", "job", "worker")
    jobs, slow, shares, share = 50, 2, 5, 600

    @classmethod
    def missing(cls):
        return None if glob.glob("/usr/share/postgresql/*/extension/pg_stat_statements.control") else "pg_stat_statements"

    @contextlib.contextmanager
    def old_snapshot(self):
        """A transaction that is idle, and may still ask for every row as it was: none that died since is cleared away."""
        holder = subprocess.Popen(["psql", "-XAtq", self.server.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True)
        holder.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM suyo.run;\n")
        holder.stdin.flush()
        holder.stdout.readline()
        try:
            yield
        finally:
            holder.communicate("ROLLBACK;\n")

    @contextlib.contextmanager
    def slow_runs(self):
        """Runs whose attempts stand still in the middle of reading, while their daemons say that they are alive."""
        self.server.sql("SELECT suyo.pause('beat'), suyo.pause('train')")
        wait_until("nothing runs", lambda: self.server.value("SELECT true WHERE NOT EXISTS (SELECT FROM suyo.lease)"))
        with self.held():
            runs = [run for run, in self.server.sql(
                f"SELECT suyo.run_now('slow-' || n) FROM generate_series(0, {self.slow - 1}) AS n")]
            wait_until("their attempts wait", lambda: self.server.value(
                "SELECT true FROM pg_locks WHERE relation = 'demand.order_line'::regclass AND NOT granted "
                f"HAVING count(*) = {self.slow}"))
            attempts = [pid for daemon in self.world.daemons for pid in daemon.children()]
            send(attempts, signal.SIGSTOP)
        self.server.sql("SELECT suyo.resume('beat'), suyo.resume('train')")
        try:
            yield
        finally:
            send(attempts, signal.SIGCONT)
        for run in runs:
            self.world.finish(run)
        done = self.server.value(
            f"SELECT count(*) FROM suyo.run WHERE run_id IN ({', '.join(runs)}) AND state = 'completed' AND attempt = 1")
        if done != str(self.slow):
            raise AssertionError("a run was taken from a daemon that was alive")

    def sizes(self):
        """KiB of each table with its indexes."""
        return [int(size) for size in self.server.sql("SELECT " + ", ".join(
            f"pg_total_relation_size('suyo.{table}') / 1024" for table in self.tables))[0]]

    def are_cleared(self):
        """Whether autovacuum has left nothing that it would come for."""
        names = ", ".join(f"'{table}'" for table in self.tables)
        return self.server.value(
            "SELECT true FROM pg_stat_user_tables WHERE schemaname = 'suyo' "
            f"AND relname IN ({names}) HAVING bool_and(n_dead_tup <= 50 + 0.2 * n_live_tup)")

    def pour(self, count):
        """Lets so many runs through; the milliseconds that a claim took, on average."""
        self.server.sql("SELECT pg_stat_statements_reset()")
        first = self.server.value("SELECT max(run_id) FROM suyo.run")
        self.server.sql(f"SELECT suyo.run_now('spare-' || n % {self.jobs}) FROM generate_series(1, {count}) AS n")
        wait_until(f"{count} runs are over", lambda: self.server.value(
            f"SELECT true FROM suyo.run WHERE run_id > {first} AND job_name LIKE 'spare-%' AND state = 'completed' "
            f"HAVING count(*) = {count}"), 300, 0.2)
        # Planning as well: it looks at the ends of indexes, where dead rows lie.
        return float(self.server.value(
            "SELECT sum(total_plan_time + total_exec_time) / sum(calls) FROM pg_stat_statements "
            "WHERE query LIKE 'SELECT * FROM suyo.claim(%'"))

    def play(self, rounds):
        spec = '{"frequency": "daily", "horizon": 3, "origins": 1, "model": "naive"}'
        self.server.sql("CREATE EXTENSION pg_stat_statements")
        for name, kind, count in (("spare", "forecast", self.jobs), ("slow", "retrain", self.slow)):
            self.server.sql(f"SELECT suyo.schedule('{name}-' || n, '{kind}', '0 0 1 1 *', 'UTC', '{spec}') "
                            f"FROM generate_series(0, {count - 1}) AS n")
        self.world.daemon(), self.world.daemon()
        wait_until("a run is completed", self.world.is_alive)
        # The first run of each job publishes, and those after it find nothing new.
        self.pour(self.jobs)
        times, worst = [], []
        for _ in range(rounds):
            before, quick = self.sizes(), self.pour(self.share // 2)
            with self.slow_runs(), self.old_snapshot():
                claims = [self.pour(self.share) for _ in range(self.shares)]
                worst.append(self.sizes())
            times.append(wait_until("the dead rows are cleared away", self.are_cleared))
            again, after = self.pour(self.share // 2), self.sizes()
            self.notes.append(
                "KiB before, at worst, after: " + ", ".join(
                    f"{table} {' '.join(str(size) for size in sizes)}"
                    for table, *sizes in zip(self.tables, before, worst[-1], after))
                + f"; ms a claim: {quick:.1f}, {', '.join(f'{claim:.1f}' for claim in claims)}, then {again:.1f}")
            # It costs something to pass over the dead, but not for each run that waits; and it is over when they are gone.
            # Below a millisecond or two nobody minds what it grew from.
            if max(claims) > max(5 * quick, 2) or again > max(2 * quick, 1):
                raise AssertionError(f"claims slow down: {self.notes[-1]}")
            # Runs are kept, and there are more with each round; what the others need they have after the first.
            grown = [table for table, first, last in zip(self.tables, worst[0], worst[-1])
                     if table != "run" and last > 1.5 * first]
            if grown:
                raise AssertionError(f"suyo.{grown[0]} grows with each round: {worst}")
        return times


ALL = {
    "child": Child, "daemon": DaemonKill, "random": RandomKill, "backend": Backend, "restart": Restart, "stop": Stop,
    "switch": Switch, "hang": Hang, "freeze": Freeze, "freeze-daemon": FreezeDaemonOnly, "cut": Cut, "clock": Clock,
    "pooler": Pooler, "backlog": Backlog, "old-snapshot": OldSnapshot,
}
# What takes minutes in any case.
SLOW = {"stop", "hang", "freeze", "freeze-daemon", "daemon", "backlog", "old-snapshot"}
