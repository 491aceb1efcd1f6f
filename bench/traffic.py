"""UDP traffic in which every packet is a flow of its own, so that no connection tracking helps any of them.

`traffic.py answer PORT` sends back whatever comes in. `traffic.py ask ADDRESS PORT SECONDS` sends a packet every 5 ms
and prints, as JSON, how many were sent, how many were lost (no answer for a second) and the longest outage: the time
from the first packet of a run of lost ones to the next one that was answered.
"""

import json
import selectors
import socket
import sys
import time

INTERVAL = 0.005
PATIENCE = 1.0


def answer(port: int) -> None:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("", port))
    while True:
        data, sender = server.recvfrom(64)
        server.sendto(data, sender)


def ask(address: str, port: int, seconds: float) -> None:
    waiting = selectors.DefaultSelector()
    sent: list[float] = []
    answered: set[int] = set()

    def collect(until: float) -> None:
        while True:
            for key, _ in waiting.select(max(0.0, until - time.monotonic())):
                waiting.unregister(key.fileobj)
                key.fileobj.close()
                answered.add(key.data)
            if time.monotonic() >= until:
                return

    start = time.monotonic()
    while time.monotonic() < start + seconds:
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        asker.setblocking(False)
        asker.sendto(b"?", (address, port))
        waiting.register(asker, selectors.EVENT_READ, len(sent))
        sent.append(time.monotonic())
        collect(sent[-1] + INTERVAL)
    collect(time.monotonic() + PATIENCE)

    outage = longest = 0.0
    for number, at in enumerate(sent):
        if number in answered:
            outage = 0.0
        else:
            outage = outage or at
            back = next((sent[later] for later in range(number, len(sent)) if later in answered), sent[-1])
            longest = max(longest, back - outage)
    print(json.dumps({"sent": len(sent), "lost": len(sent) - len(answered), "outage_ms": longest * 1000}))


if sys.argv[1] == "answer":
    answer(int(sys.argv[2]))
else:
    ask(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
