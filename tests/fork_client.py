"""Asks a fork server for one run of its program and ends with the run's exit code; see tests/fork_server.py.

It is started for each run, so it imports as little as it can.
"""

import os
import socket
import sys


def start(address: str) -> int:
    """Ask the server at this address for one run, and return its exit code."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        words = [os.getcwd(), *(f"{name}={value}" for name, value in os.environ.items())]  # noqa: PTH109
        message = "\0".join(words).encode("utf-8", "surrogateescape")
        socket.send_fds(connection, [len(message).to_bytes(4, "big")], [0, 1, 2])
        connection.sendall(message)
        # What reads the run's output must see its end, so only the run may hold it.
        for stream in (0, 1):
            os.close(stream)
        code = connection.recv(1)
    return code[0] if code else 1


if __name__ == "__main__":
    sys.exit(start(sys.argv[1]))
