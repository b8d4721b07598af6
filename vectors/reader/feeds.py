"""spec/feeds.md: keys of an epoch, the chain, sealed messages, running hashes. Without signatures."""
import struct

from frames import read_sealed
from primitives import chacha20_block, hkdf, open_sealed, sha256


def chain_step(key):
    block = chacha20_block(key)
    return block[:32], block[32:]


def chain_after(key, steps):
    for _ in range(steps):
        key = chain_step(key)[0]
    return key


def open_frame(first_key, frame):
    """Opens a frame of the epoch whose first chain key is given. None when it does not open."""
    generation = struct.unpack("<I", frame[20:24])[0]
    message_key = chain_step(chain_after(first_key, generation))[1]
    return open_sealed(frame[32:], frame[:32], frame[20:32], message_key)


def check_messages(vectors, first_key, route, expect):
    for vector in vectors["valid"]:
        content = b""
        for part, text in enumerate(vector["frames"]):
            frame = bytes.fromhex(text)
            expect("route of a frame", frame[4:20].hex(), route)
            expect("generation", struct.unpack("<I", frame[20:24])[0], vector["generation"] + part)
            fields, piece, code = read_sealed(frame[0], open_frame(first_key, frame))
            wanted = (int(vector["timeNs"]), vector["sequence"], vector["kind"], vector["flags"], part, len(vector["frames"]))
            expect("sealed header", (code, fields[:6]), (None, wanted))
            content += piece
        expect("content", content.hex(), vector["content"])
    for vector in vectors["refused"]:
        if vector["code"] == "seal":
            expect(vector["why"], open_frame(first_key, bytes.fromhex(vector["frame"])), None)


def check_signed(vectors, route, expect):
    running = sha256(b"mycelium running 1", bytes.fromhex(route))
    expect("first running hash", running.hex(), vectors["firstRunningHash"])
    for vector in vectors["valid"]:
        head = struct.pack("<QQBB", int(vector["timeNs"]), vector["sequence"], vector["kind"], vector["flags"])
        running = sha256(running, head, bytes.fromhex(vector["text"]))
        expect("running hash", running.hex(), vector["runningHash"])
        expect("signed content", vector["content"][:-128], vector["text"])


def check(vectors, expect):
    for vector in vectors["epochs"]:
        secret = bytes.fromhex(vector["feedSecret"])
        expect("chain key", hkdf(secret, b"", b"mycelium chain 1", 32).hex(), vector["chainKey"])
        expect("reader seed", hkdf(secret, b"", b"mycelium reader 1", 32).hex(), vector["readerSeed"])
        keys = bytes.fromhex(vector["readerPublicKey"]), bytes.fromhex(vector["ownerPublicKey"])
        expect("route", sha256(*keys)[:16].hex(), vector["route"])
    first = bytes.fromhex(vectors["chain"]["first"])
    key = first
    for vector in vectors["chain"]["steps"]:
        key, message_key = chain_step(key)
        expect("step", (key.hex(), message_key.hex()), (vector["chainKey"], vector["messageKey"]))
    expect("64 steps", chain_after(first, 64).hex(), vectors["chain"]["after64"])
    check_messages(vectors["messages"], first, vectors["epochs"][0]["route"], expect)
    check_signed(vectors["signed"], vectors["epochs"][0]["route"], expect)
