"""Refuses every connection to a network, in this process or, put on PYTHONPATH, in a child.

Each attempt is also written to the file that `TLSTUDIO_BLOCKED_LOG` names, so that one that was caught on
its way up is still seen.
"""

import os
import socket


class NetworkBlockedError(RuntimeError):
    """Not an OSError on purpose: code that copes with being offline must not hide the attempt."""


def _refuse(what):
    log = os.environ.get("TLSTUDIO_BLOCKED_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123 - as early and light as can be
            file.write(f"{what}\n")
    raise NetworkBlockedError(f"this test allows no network: {what}")


def block(patch=setattr):
    """Block; `patch` is `setattr`, or a monkeypatch's to have it undone."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(real):
        def call(self, address):
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _refuse(f"connection to {address}")
            return real(self, address)

        return call

    def look_up(host, *args, **options):
        if host not in (None, "", "localhost", "127.0.0.1", "::1"):
            _refuse(f"looking up {host}")
        return getaddrinfo(host, *args, **options)

    patch(socket.socket, "connect", guarded(connect))
    patch(socket.socket, "connect_ex", guarded(connect_ex))
    patch(socket, "getaddrinfo", look_up)


if os.environ.get("TLSTUDIO_BLOCKED_LOG"):
    block()
