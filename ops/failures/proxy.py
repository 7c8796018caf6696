"""A TCP proxy that cuts connections, also at the very moment of a COMMIT."""

import socket
import threading


class Proxy:
    """Passes bytes on between its own port and another, until told to cut."""

    def __init__(self, port):
        self.target = port
        self.lock = threading.Lock()
        self.pairs = []
        self.commits_to_pass = None
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            pair = (client, server)
            with self.lock:
                self.pairs.append(pair)
            threading.Thread(target=self.pump, args=(client, server, pair, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, pair, False), daemon=True).start()

    def pump(self, source, sink, pair, outward):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
                # Sent, and its answer never comes: the client cannot know whether it happened.
                if outward and b"COMMIT" in data and self.is_last_commit():
                    break
        except OSError:
            pass
        self.cut_pair(pair)

    def is_last_commit(self):
        with self.lock:
            if self.commits_to_pass is None:
                return False
            self.commits_to_pass -= 1
            if self.commits_to_pass >= 0:
                return False
            self.commits_to_pass = None
            self.cuts += 1
            return True

    def cut_at_commit(self, number):
        """Cuts the connection on which the COMMIT after so many others passes."""
        with self.lock:
            self.commits_to_pass = number

    def cut(self):
        """Cuts every connection there is."""
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            self.cut_pair(pair)

    def cut_pair(self, pair):
        with self.lock:
            if pair in self.pairs:
                self.pairs.remove(pair)
        for end in pair:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def close(self):
        self.listener.close()
        self.cut()
