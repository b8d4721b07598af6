"""A second reader of vectors/, written from spec/ and sharing no code with the first.

    python3 vectors/reader/read_vectors.py

Plain Python (3.9 or newer), standard library only. It computes again what needs no elliptic curves and no MLS,
and says for each file how much agreed. Exit code 1 when anything differs.
"""
import json
import pathlib
import sys

import directory
import domain
import feeds
import frames
import identity
import links
import mail
import trust

FOLDER = pathlib.Path(__file__).resolve().parent.parent


def load(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


class Tally:
    """Counts what agreed and tells what did not."""

    def __init__(self, name):
        self.name, self.agreed, self.differed = name, 0, 0

    def __call__(self, what, computed, written):
        if computed == written:
            self.agreed += 1
            return
        self.differed += 1
        print(f"{self.name}: {what}: computed {computed!r}, written {written!r}")

    def report(self):
        print(f"{self.name}: {self.agreed} values agree, {self.differed} differ")
        return self.differed == 0


def main():
    tallies = [Tally(name) for name in ("identity", "directory", "frames", "feeds", "mail", "links", "domain", "trust")]
    identity.check(load("identity.json"), load("accounts.json"), tallies[0])
    directory.check(load("directory.json"), tallies[1])
    frames.check(load("frames.json"), tallies[2])
    feeds.check(load("feeds.json"), tallies[3])
    mail.check(load("mail.json"), tallies[4])
    links.check(load("links.json"), tallies[5])
    domain.check(load("domain.json"), tallies[6])
    trust.check(load("trust.json"), tallies[7])
    return 0 if all([tally.report() for tally in tallies]) else 1


if __name__ == "__main__":
    sys.exit(main())
