"""A line between two nodes that a test can hold, cut and watch: a TCP proxy that passes TLS on as it is."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Wire:
    """Passes connections on to `target` (HOST:PORT); `address` is where to connect to instead."""

    def __init__(self, target: str, port: int = 0) -> None:
        host, _, target_port = target.rpartition(":")
        self._target = (host, int(target_port))
        self._listener = socket.create_server(("127.0.0.1", port))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._flows = threading.Event()
        self._flows.set()
        self._allowance: int | None = None
        self.held = threading.Event()  # something came that is not passed on
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_after(self, count: int) -> None:
        """Pass so many more bytes from the target on, then hold what comes until `release`."""
        self.held.clear()
        self._allowance = count

    def release(self) -> None:
        """Pass everything on again."""
        self._allowance = None
        self._flows.set()

    def cut(self) -> None:
        """Break all connections off."""
        while self._sockets:
            with contextlib.suppress(OSError):
                self._sockets.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop."""
        self._listener.shutdown(
            socket.SHUT_RDWR
        )  # wakes the thread that accepts, or the port would stay taken
        self._listener.close()
        self.release()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(self._target)
                except OSError:
                    near.close()
                    continue
                self._sockets += [near, far]
                threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if counted:
                    self._await_passage(len(data))
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _await_passage(self, count: int) -> None:
        if self._allowance is not None:
            self._allowance -= count
            if self._allowance < 0:
                self._flows.clear()
                self.held.set()
        self._flows.wait()


@contextmanager
def wire_to(target: str, port: int = 0) -> Iterator[Wire]:
    """A wire to this address, closed at the end."""
    wire = Wire(target, port)
    try:
        yield wire
    finally:
        wire.close()
