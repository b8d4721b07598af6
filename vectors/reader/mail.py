"""spec/mail.md: routes, signed bytes of openings, stamps, tokens, introduction parts, the first fields of control frames."""
import hashlib
import hmac
import struct

from primitives import hkdf, sha256

SIZES = {1: 128, 2: 512, 3: 2048, 4: 4096, 21: 4096, 28: 4096, 38: 4096, 39: 4096}
TYPES = {"hello": 20, "open": 21, "opened": 22, "stored": 23, "subscribe": 24, "push": 25, "fetch": 26, "trim": 27,
         "intake": 28, "status": 29, "status-report": 30, "done": 31, "error": 32, "unsubscribe": 33,
         "splice": 34, "spliced": 35, "summons": 36, "look-up": 37, "found": 38, "publish": 39}
COUNTS = {"opened": ("first", "next"), "stored": ("index", "expiresMs"), "subscribe": ("from",), "trim": ("upTo",),
          "push": ("firstIndex", "availableFirst", "next"), "fetch": ("from",), "done": ("first", "next"), "intake": ("stampTimeMs",)}


def header(kind):
    size = SIZES.get(kind, 128)
    return struct.pack("<BBH", kind, 1, size - 4), size


def signed_open(server, frame):
    """Context, zero, challenge, transport key, role to base, route, tokens when the flag says that there are any."""
    tokens = frame[172:] if frame[33] & 2 else b""
    return b"mycelium open 1\x00" + server + frame[32:108] + frame[4:20] + tokens


def stamp_bits(frame):
    return 256 - int.from_bytes(sha256(b"mycelium stamp 1", b"\x00", frame), "big").bit_length()


def token_keys(token, route, relay):
    secret, salt = bytes.fromhex(token["secret"]), bytes.fromhex(token["id"])
    derived = hkdf(secret, salt, b"mycelium intake token 1" + route + relay, 40)
    return {"id": derived[:8].hex(), "key": derived[8:].hex()}


def authenticator(key, frame):
    covered = b"mycelium intake authenticator 1\x00" + frame[:20] + frame[32:]
    return hmac.new(key, covered, hashlib.sha256).digest()[:12]


def token_holds(vectors, attempt):
    """Whether a relay that knows the token lets the changed frame in."""
    changed = bytes.fromhex(attempt["bytes"])
    frame = bytearray.fromhex(vectors["frame"])
    frame[attempt["at"] : attempt["at"] + len(changed)] = changed
    frame, keys = bytes(frame), vectors["keys"]
    if not frame[49] & 0x80 or frame[40:48].hex() != keys["id"]:
        return False
    proved = authenticator(bytes.fromhex(keys["key"]), frame) == frame[20:32]
    in_time = attempt["expiresMs"] == 0 or attempt["expiresMs"] > vectors["nowMs"]
    return proved and in_time and attempt["frames"] > 0


def holders(place):
    """Relays that hold a queue after some announced ones were left."""
    route = bytes.fromhex(place["route"])
    good = [key for key in dict.fromkeys(place["today"]) if key not in place["former"]]
    remaining = [key for key in place["announced"] if key in good]
    if len(remaining) == len(place["announced"]) or not good:
        return place["announced"]
    others = [key for key in good if key not in remaining]
    others.sort(key=lambda key: (-int.from_bytes(sha256(route, bytes.fromhex(key))[:6], "big"), key))
    return remaining + others[: max(3, len(place["announced"])) - len(remaining)]


def items(stream):
    """What a stream holds before it breaks or ends, in the words of the vectors."""
    found, at = [], 0
    while len(stream) - at >= 4:
        start, size = header(stream[at])
        if stream[at] not in (*range(1, 5), *TYPES.values()) or stream[at : at + 4] != start or len(stream) - at < size:
            break
        frame = stream[at : at + size]
        if frame[0] < 5:
            found.append(f"mail {size}")
        elif frame[0] == 25:
            count = struct.unpack_from("<H", frame, 56)[0]
            follows = [part for part in pushed(stream[at + size :], count) if part[4:20] == frame[4:20]]
            if len(follows) < count:
                break
            found.append(f"push {count}")
            size += sum(map(len, follows))
        at += size
    return found


def pushed(stream, count):
    at, parts = 0, []
    while len(parts) < count and len(stream) > at and stream[at] in (1, 2, 3, 4, 28):
        size = SIZES[stream[at]]
        parts.append(stream[at : at + size])
        at += size
    return [part for part in parts if len(part) == SIZES[part[0]]]


def check(vectors, expect):
    for vector in vectors["hellos"]:
        features = struct.unpack_from("<I", bytes.fromhex(vector["frame"]), 34)[0]
        expect("replicated", features & 1 == 1, vector["replicated"])
        expect("intake tokens", features & 8 == 8, vector["intakeTokens"])
    for vector in vectors["control"]["valid"]:
        frame, name, fields = bytes.fromhex(vector["frame"]), vector["name"], vector["fields"]
        start, size = header(TYPES[name])
        expect(f"start of {name}", frame[:4], start)
        expect(f"size of {name}", len(frame), size)
        for at, field in enumerate(COUNTS.get(name, ())):
            expect(f"{name}.{field}", struct.unpack_from("<Q", frame, 32 + 8 * at)[0], fields[field])
    keys, server = vectors["open"]["keys"], vectors["open"]["server"]
    route = sha256(bytes.fromhex(keys["readerPublicKey"]), bytes.fromhex(keys["ownerPublicKey"]))[:16]
    expect("route", route.hex(), keys["route"])
    identity = bytes.fromhex(server["challenge"] + server["transportKey"])
    for vector in vectors["open"]["attempts"]:
        expect("signed bytes", signed_open(identity, bytes.fromhex(vector["frame"])).hex(), vector["signed"])
    stamped = bytes.fromhex(vectors["stamp"]["frame"])
    time = struct.unpack_from("<Q", stamped, 32)[0]
    for case in vectors["stamp"]["cases"]:
        holds = stamp_bits(stamped) >= case["difficulty"] and abs(case["nowMs"] - time) <= 48 * 3_600_000
        expect("stamp", holds, case["valid"])
    tokens = vectors["tokens"]
    place = (bytes.fromhex(tokens["route"]), bytes.fromhex(tokens["relay"]))
    expect("keys of a token", token_keys(tokens["token"], *place), tokens["keys"])
    for attempt in tokens["attempts"]:
        expect(f"token: {attempt['why']}", token_holds(tokens, attempt), attempt["good"])
    for vector in vectors["streams"]:
        expect("items of a stream", items(bytes.fromhex(vector["stream"])), vector["items"])
    for vector in vectors["introductionParts"]["valid"]:
        plain, fields = bytes.fromhex(vector["plaintext"]), vector["fields"]
        length = struct.unpack_from("<H", plain, 18)[0]
        written = (fields["introductionId"], fields["part"], fields["parts"], fields["piece"])
        expect("introduction part", (plain[:16].hex(), plain[16], plain[17], plain[20 : 20 + length].hex()), written)
        expect("padding", plain[20 + length :], bytes(2910 - 20 - length))
    for place in vectors["holders"]:
        expect(f"holders: {place['why']}", holders(place), place["holders"])
