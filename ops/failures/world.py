"""A server, a company with two jobs, daemons, and the count of what must never happen."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("SUYO_BINARY", str(ROOT / ".build/release/suyo"))
PORT = 54871

ORDERS = """
INSERT INTO demand.site (site_id, time_zone) VALUES ('ICN', 'Asia/Seoul');
INSERT INTO demand.order_line (source, order_id, line_no, item_id, site_id, ordered_at, quantity)
SELECT 'test', concat(item, '-', day), 1, item::text, 'ICN',
    (date '2026-01-01' + day + time '17:00') AT TIME ZONE 'Asia/Seoul', 3 + (day + item) % 5
FROM generate_series(0, 119) AS day, generate_series(1, {items}) AS item;
"""

# One that is due each second and mostly finds nothing new, and one that publishes a version each time.
JOBS = {
    "beat": "kind: forecast\ncron: '* * * * * *'\nspec: { frequency: daily, horizon: 3, origins: 1, model: naive }\n",
    "train": "kind: retrain\ncron: '*/5 * * * * *'\nmax_attempts: 20\n"
    "spec: { frequency: daily, horizon: 3, origins: 1, model: naive }\n",
}


def wait_until(what, condition, seconds=120, every=0.02):
    """Seconds until a condition holds."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        value = condition()
        if value:
            return time.monotonic() - begun
        time.sleep(every)
    raise TimeoutError(f"{seconds} s passed, and still not: {what}")


class Server:
    """A PostgreSQL of its own, on a socket and on a port of this machine; or a streaming standby of another one."""

    def __init__(self, port=PORT, primary=None, settings=()):
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        self.bin = programs[-1].parent
        self.folder = tempfile.mkdtemp(prefix="suyo-failures.")
        self.prefix = []
        if os.getuid() == 0:
            # PostgreSQL refuses to run as root.
            names = [entry.pw_name for entry in pwd.getpwall()]
            owner = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self.prefix = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        self.port = port
        self.settings = settings
        self.url = f"postgresql://suyo@127.0.0.1:{port}/postgres?sslmode=disable"
        try:
            if primary:
                self.call("pg_basebackup", "-d", primary.url, "-D", self.folder + "/data", "-R", "-c", "fast")
            else:
                self.call("initdb", "-D", self.folder + "/data", "-U", "suyo", "-A", "trust", "-E", "UTF8")
            self.start()
        except subprocess.CalledProcessError:
            self.remove()
            raise

    def call(self, program, *arguments):
        subprocess.run([*self.prefix, str(self.bin / program), *arguments], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        self.call("pg_ctl", "-D", self.folder + "/data", "-l", self.folder + "/log", "-w", "start", "-o",
                  f"-k {self.folder} -p {self.port} -c listen_addresses=127.0.0.1 -c max_connections=200"
                  + "".join(f" -c {setting}" for setting in self.settings))

    def stop(self, mode="fast"):
        self.call("pg_ctl", "-D", self.folder + "/data", "-m", mode, "-w", "stop")

    def promote(self):
        self.call("pg_ctl", "-D", self.folder + "/data", "-w", "promote")

    def processes(self):
        """The numbers of all its processes, the postmaster's first."""
        first = pathlib.Path(self.folder, "data/postmaster.pid").read_text().split()[0]
        out = subprocess.run(["ps", "-o", "pid=", "--ppid", first], capture_output=True, text=True).stdout
        return [int(first), *map(int, out.split())]

    def remove(self):
        try:
            # One that was stopped in its tracks obeys again.
            send(self.processes(), signal.SIGCONT)
        except FileNotFoundError:
            pass
        try:
            self.stop("immediate")
        except subprocess.CalledProcessError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, text):
        """Rows as lists of texts."""
        out = subprocess.run(["psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", self.url, "-c", text],
                             check=True, capture_output=True, text=True).stdout
        return [line.split("\t") for line in out.splitlines()]

    def value(self, text):
        rows = self.sql(text)
        return rows[0][0] if rows else None


class Daemon:
    """A suyo serve, and the processes it starts."""

    def __init__(self, url, folder, environment=None, arguments=()):
        self.log = tempfile.NamedTemporaryFile(prefix="daemon.", dir=folder, delete=False)
        # A session of its own, so that Ctrl-C here does not reach it.
        # Through env, because libfaketime hangs in what it is preloaded into first.
        self.process = subprocess.Popen(["env", BINARY, "serve", *arguments], stderr=self.log, stdout=subprocess.DEVNULL,
                                        env={**os.environ, "SUYO_DATABASE_URL": url, **(environment or {})},
                                        start_new_session=True)

    @property
    def pid(self):
        return self.process.pid

    def children(self):
        out = subprocess.run(["ps", "-o", "pid=,stat=", "--ppid", str(self.pid)], capture_output=True, text=True).stdout
        fields = [line.split() for line in out.splitlines()]
        return [int(pid) for pid, state in fields if not state.startswith("Z")]

    def text(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.process.wait(timeout=60)


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class World:
    """Everything of one scenario."""

    def __init__(self, items, settings=()):
        self.server = Server(settings=settings)
        # With those that have been, or may become, the server.
        self.servers = [self.server]
        self.daemons = []
        self.folder = tempfile.mkdtemp(prefix="suyo-failures.")
        self.suyo("db", "migrate")
        self.server.sql(ORDERS.format(items=items))
        for name, text in JOBS.items():
            pathlib.Path(self.folder, name + ".yaml").write_text(f"name: {name}\n{text}")
        self.suyo("jobs", "apply", self.folder)

    def standby(self):
        """A standby of the server that has everything that is committed there, on a port that is free."""
        port = next(port for port in (PORT, PORT + 2) if port not in [server.port for server in self.servers])
        standby = Server(port, primary=self.server)
        self.servers.append(standby)
        # Told to wait for it only now: a server that has no standby would wait for ever.
        self.server.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.server.sql("SELECT pg_reload_conf()")
        wait_until("the standby is synchronous", lambda: self.server.value(
            "SELECT true FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"))
        return standby

    def use(self, server):
        """From now on it is this one that everything is asked of."""
        self.server = server
        return server

    def retire(self, server):
        self.servers.remove(server)
        server.remove()

    def suyo(self, *arguments):
        subprocess.run([BINARY, *arguments], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "SUYO_DATABASE_URL": self.server.url})

    def daemon(self, url=None, environment=None):
        daemon = Daemon(url or self.server.url, self.folder, environment, ["--concurrency", "2"])
        self.daemons.append(daemon)
        return daemon

    def close(self):
        for daemon in self.daemons:
            children = daemon.children()
            send([daemon.pid, *children], signal.SIGCONT)
            if daemon.process.poll() is None:
                daemon.kill()
        for server in self.servers:
            server.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What is measured.

    def running(self, job="train"):
        """Number and fence of a run of the job that is under way, and the process number of its worker."""
        rows = self.server.sql(
            f"SELECT r.run_id, l.fence, w.process_id FROM suyo.run r JOIN suyo.lease l USING (run_id) "
            f"JOIN suyo.worker w USING (worker_id) WHERE r.state = 'running' AND r.job_name = '{job}'")
        return [int(field) for field in rows[0]] if rows else None

    def is_taken_up(self, run, fence):
        """Whether a run has been claimed again since, or has ended."""
        return self.server.value(
            f"SELECT true FROM suyo.run WHERE run_id = {run} AND (state IN ('completed', 'failed', 'cancelled') "
            f"OR (state = 'running' AND fence > {fence}))")

    def finish(self, run):
        """Waits until a run is over, so that the next failure meets another one, at its first attempt."""
        wait_until(f"run {run} is over", lambda: self.server.value(
            f"SELECT true FROM suyo.run WHERE run_id = {run} AND state IN ('completed', 'failed', 'cancelled')"))

    def is_alive(self):
        """Whether a run begun within the last three seconds is over."""
        return self.server.value(
            "SELECT true FROM suyo.run WHERE state = 'completed' AND started_at > now() - interval '3 s' LIMIT 1")

    def settle(self):
        """Lets what is due happen, stops the daemons, and counts."""
        wait_until("a run is completed", self.is_alive)
        for daemon in self.daemons:
            if daemon.process.poll() is None:
                daemon.kill(signal.SIGTERM)
        return self.count()

    def count(self):
        """Ticks without a decision, ticks with two, effects that are not of exactly one finished attempt."""
        # From the first tick that stands in the ledger to the last, each instant is there: fired, or skipped with its
        # reason; one row may stand for several.
        lost = self.server.value(
            "SELECT sum(expected - found) FROM (SELECT (extract(epoch FROM max(fire_at) - min(fire_at))"
            " / CASE j.name WHEN 'beat' THEN 1 ELSE 5 END)::bigint + 1"
            "  + (array_agg(tick_count ORDER BY fire_at DESC))[1] - 1 AS expected, sum(tick_count) AS found"
            " FROM suyo.tick t JOIN suyo.job j USING (job_id) WHERE j.name IN ('beat', 'train') GROUP BY j.name) AS n")
        doubled = self.server.value(
            "SELECT (SELECT count(*) - count(DISTINCT run_id) FROM suyo.tick WHERE run_id IS NOT NULL)"
            " + (SELECT count(*) FROM suyo.run WHERE reason = 'tick' AND run_id NOT IN"
            " (SELECT run_id FROM suyo.tick WHERE run_id IS NOT NULL))")
        stale = self.server.value(
            "SELECT (SELECT count(*) - count(DISTINCT run_id) FROM suyo.model_version)"
            " + (SELECT count(*) FROM suyo.model_version v JOIN suyo.run r USING (run_id)"
            "    WHERE r.state NOT IN ('completed', 'running', 'retryable'))"
            " + (SELECT count(*) FROM suyo.run r WHERE r.state = 'completed' AND r.kind = 'retrain'"
            "    AND NOT EXISTS (SELECT FROM suyo.model_version v WHERE v.run_id = r.run_id))"
            " + (SELECT count(*) FROM suyo.model_version v WHERE NOT EXISTS"
            "    (SELECT FROM forecast.publication p WHERE p.version_id = v.version_id))")
        return int(lost or 0), int(doubled), int(stale)
