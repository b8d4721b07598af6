"""Records every packet of a network namespace, as raw bytes one after another, until it is stopped.

Usage: wire.py FILE. Prints a line once it listens. Linux, root.
"""

import signal
import socket
import sys

ETH_P_ALL = 3


def main() -> None:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    wire.settimeout(0.2)
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    with open(sys.argv[1], "wb") as file:
        print('{"event":"listening"}', flush=True)
        while not stopped:
            try:
                file.write(wire.recv(65536))
            except socket.timeout:
                continue


main()
