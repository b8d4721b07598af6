"""spec/domain.md: layout of proofs and revocations, records, domains that are their key."""
import base64
import json
import struct

ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"


def z_base_32(data):
    number, bits = int.from_bytes(data, "big"), 8 * len(data)
    count = (bits + 4) // 5
    number <<= count * 5 - bits
    return "".join(ALPHABET[(number >> (5 * at)) & 31] for at in reversed(range(count)))


def base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def peer_key(text):
    return text.split("@")[0]


def tags(texts):
    found = {"k": [], "x": [], "r": [], "d": []}
    for text in texts:
        first, *fields = [field.strip() for field in text.split(";")]
        for field in fields if first == "v=1" else []:
            tag, _, value = field.partition("=")
            if tag in found:
                found[tag].append(value)
    return found


def check(vectors, expect):
    for vector in vectors["selfCertifying"]:
        expect("domain that is its key", z_base_32(bytes.fromhex(vector["key"])) + ".mycelium", vector["domain"])
    for vector in vectors["proofs"]["valid"]:
        proof, says = bytes.fromhex(vector["proof"]), vector["says"]
        version, key, fingerprint, serial, until = struct.unpack("<B32s20sIQ", proof[:65])
        expect("size of a proof", len(proof), 129)
        expect("version", version, 1)
        expect("domain key", key.hex(), vector["domainKey"])
        expect("fingerprint", fingerprint.hex(), vector["accountId"][:40])
        expect("serial, until", (serial, until), (says["serial"], says["untilMs"]))
        expect("proof as text", base64url(vector["text"].removeprefix("mycelium:proof/")), proof)
    for vector in vectors["revocations"]["valid"]:
        statement, says = bytes.fromhex(vector["list"])[:-64], vector["says"]
        version, key, sequence, count = struct.unpack("<B32sQH", statement[:43])
        expect("head of revocations", (version, key.hex(), sequence), (1, says["domainKey"], says["sequence"]))
        expect("revoked serials", list(struct.unpack(f"<{count}I", statement[43:])), says["serials"])
    for vector in vectors["records"]["valid"]:
        found, says, file = tags(vector["texts"]), vector["says"], json.loads(vector["file"])
        expect("key in DNS", found["k"], [z_base_32(bytes.fromhex(says["key"]))])
        expect("key in the file", file["key"], found["k"][0])
        expect("revocations", [base64url(text).hex() for text in found["x"]], [says["revocations"]] if "revocations" in says else [])
        for tag, name in (("r", "relays"), ("d", "directory")):
            expect(name, [peer_key(text) for text in found[tag]], [z_base_32(bytes.fromhex(peer["key"])) for peer in says[name]])
            expect(f"{name} in the file", file.get(name, []), found[tag])
