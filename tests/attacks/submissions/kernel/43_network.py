"""Open sockets of every family, and connect to somebody who listens on this machine.

Row: 43, 44
Expect: internet: refused
"""

import socket

from burglar import ABSTRACT, PORT, show

FAMILIES = {
    "internet": 2,
    "internet6": 10,
    "unix": 1,
    "netlink": 16,
    "packet": 17,
    "alg": 38,
    "vm": 40,
}


def connect():
    with socket.create_connection(("127.0.0.1", int(PORT)), timeout=1) as connection:
        return connection.getsockname()


def send():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"loot", ("127.0.0.1", int(PORT)))


def abstract():
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(f"\0{ABSTRACT}")
        return "connected"


def add(a, b):
    families = {
        name: lambda number=number: socket.socket(number, socket.SOCK_RAW if number > 15 else 1)
        for name, number in FAMILIES.items()
    }
    families["alg"] = lambda: socket.socket(38, socket.SOCK_SEQPACKET)
    families["vm"] = lambda: socket.socket(40, socket.SOCK_STREAM)
    show(connect=connect, send=send, abstract=abstract, pair=socket.socketpair, **families)
