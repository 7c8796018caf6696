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

    def __init__(self, world):
        self.world = world
        self.server = world.server

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


ALL = {
    "child": Child, "daemon": DaemonKill, "random": RandomKill, "backend": Backend, "restart": Restart, "stop": Stop,
    "freeze": Freeze, "freeze-daemon": FreezeDaemonOnly, "cut": Cut, "clock": Clock, "pooler": Pooler,
    "backlog": Backlog,
}
# What takes minutes in any case.
SLOW = {"stop", "freeze", "freeze-daemon", "daemon", "backlog"}
