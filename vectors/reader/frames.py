"""spec/frames.md: headers, streams, sealed headers."""
import struct

SIZES = {1: 128, 2: 512, 3: 2048, 4: 4096}
SIZES.update({kind: 4096 if kind in (21, 28, 38, 39) else 128 for kind in range(20, 40)})
ROOM = {1: 56, 2: 440, 3: 1976, 4: 3988}
PARTS_MAX = 266


def header_code(start):
    """The rule that four bytes break, or None."""
    kind, version, length = start[0], start[1], struct.unpack("<H", start[2:4])[0]
    if kind not in SIZES:
        return "type"
    if version & 0x0F != 1:
        return "version"
    if version != 1:
        return "reserved"
    return None if length == SIZES[kind] - 4 else "length"


def frame_code(frame):
    if len(frame) < 4:
        return "truncated"
    code = header_code(frame)
    if code is not None:
        return code
    size = SIZES[frame[0]]
    return "truncated" if len(frame) < size else "trailing" if len(frame) > size else None


def split(stream):
    """Sizes of the whole frames, bytes that are left, and the rule that ended the stream."""
    sizes, at = [], 0
    while len(stream) - at >= 4:
        code = header_code(stream[at : at + 4])
        if code is not None:
            return sizes, None, code
        size = SIZES[stream[at]]
        if len(stream) - at < size:
            break
        sizes.append(size)
        at += size
    return sizes, len(stream) - at, None


def read_sealed(kind, sealed):
    """Fields of a sealed header in the order of the spec, content, and the rule that it breaks."""
    time, sequence, message_kind, flags, part, parts, length = fields = struct.unpack("<QQBBHHH", sealed[:24])
    start = 60 if kind == 4 else 24
    content, padding = sealed[start : start + length], sealed[start + length :]
    if sequence >= 1 << 53:
        return fields, content, "range"
    if length > ROOM[kind]:
        return fields, content, "length"
    if not 1 <= parts <= PARTS_MAX or part >= parts:
        return fields, content, "parts"
    if parts > 1 and (kind != 3 or (length != ROOM[3] if part < parts - 1 else length == 0)):
        return fields, content, "parts"
    return fields, content, "padding" if any(padding) else None


def check(vectors, expect):
    for vector in vectors["headers"]["valid"]:
        size = SIZES[vector["type"]]
        expect("size", size, vector["size"])
        start = struct.pack("<BBH", vector["type"], 1, size - 4) + bytes.fromhex(vector["route"])
        header = start + struct.pack("<I", vector["generation"]) + bytes.fromhex(vector["guard"])
        expect("header", header.hex(), vector["header"])
    for vector in vectors["headers"]["refused"]:
        expect(vector["why"], frame_code(bytes.fromhex(vector["frame"])), vector["code"])
    for vector in vectors["streams"]:
        result = split(bytes.fromhex(vector["stream"]))
        expect(vector["why"], result, (vector["sizes"], vector.get("left"), vector.get("code")))
    names = ["sequence", "kind", "flags", "part", "parts", "contentLength"]
    for vector in vectors["sealedHeaders"]["valid"]:
        fields, content, code = read_sealed(vector["type"], bytes.fromhex(vector["sealed"]))
        expect("sealed header", (code, fields), (None, (int(vector["timeNs"]), *(vector[name] for name in names))))
        expect("content", content, b"a" * vector["contentLength"])
    for vector in vectors["sealedHeaders"]["refused"]:
        expect(vector["why"], read_sealed(vector["type"], bytes.fromhex(vector["sealed"]))[2], vector["code"])
