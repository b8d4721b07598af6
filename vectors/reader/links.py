"""spec/links.md: tags of devices nearby."""
from primitives import sha256


def nearby_tag(key, period):
    return sha256(b"mycelium nearby 1", b"\x00", key, period.to_bytes(8, "little"))[:16].hex()


def check(vectors, expect):
    for vector in vectors["nearbyTags"]:
        expect("nearby tag", nearby_tag(bytes.fromhex(vector["key"]), vector["period"]), vector["tag"])
