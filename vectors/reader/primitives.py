"""The primitives of spec/, by hand or from the standard library. For reading vectors: slow, and not constant-time."""
import hashlib
import hmac
import struct


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(secret, salt, info, length):
    """RFC 5869 with SHA-256."""
    key = hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()
    output, block, count = b"", b"", 1
    while len(output) < length:
        block = hmac.new(key, block + info + bytes([count]), hashlib.sha256).digest()
        output, count = output + block, count + 1
    return output[:length]


def rotate(value, bits):
    return ((value << bits) | (value >> (32 - bits))) & 0xFFFFFFFF


def quarter_round(state, a, b, c, d):
    """RFC 8439, section 2.1."""
    state[a] = (state[a] + state[b]) & 0xFFFFFFFF
    state[d] = rotate(state[d] ^ state[a], 16)
    state[c] = (state[c] + state[d]) & 0xFFFFFFFF
    state[b] = rotate(state[b] ^ state[c], 12)
    state[a] = (state[a] + state[b]) & 0xFFFFFFFF
    state[d] = rotate(state[d] ^ state[a], 8)
    state[c] = (state[c] + state[d]) & 0xFFFFFFFF
    state[b] = rotate(state[b] ^ state[c], 7)


def chacha20_block(key, counter=0, nonce=bytes(12)):
    """RFC 8439, section 2.3: 64 bytes."""
    start = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    start += list(struct.unpack("<8I", key)) + [counter] + list(struct.unpack("<3I", nonce))
    state = list(start)
    for _ in range(10):
        quarter_round(state, 0, 4, 8, 12)
        quarter_round(state, 1, 5, 9, 13)
        quarter_round(state, 2, 6, 10, 14)
        quarter_round(state, 3, 7, 11, 15)
        quarter_round(state, 0, 5, 10, 15)
        quarter_round(state, 1, 6, 11, 12)
        quarter_round(state, 2, 7, 8, 13)
        quarter_round(state, 3, 4, 9, 14)
    return struct.pack("<16I", *((one + two) & 0xFFFFFFFF for one, two in zip(state, start)))


def poly1305(key, message):
    """RFC 8439, section 2.5."""
    factor = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        total = (total + int.from_bytes(message[at : at + 16] + b"\x01", "little")) * factor % ((1 << 130) - 5)
    return ((total + int.from_bytes(key[16:], "little")) % (1 << 128)).to_bytes(16, "little")


def padded(data):
    return data + bytes(-len(data) % 16)


def open_sealed(sealed, associated, nonce, key):
    """ChaCha20-Poly1305 (RFC 8439, section 2.8). None when the tag does not fit."""
    body, tag = sealed[:-16], sealed[-16:]
    lengths = struct.pack("<QQ", len(associated), len(body))
    mac = poly1305(chacha20_block(key, 0, nonce)[:32], padded(associated) + padded(body) + lengths)
    if mac != tag:
        return None
    stream = b"".join(chacha20_block(key, 1 + at, nonce) for at in range((len(body) + 63) // 64))
    return bytes(one ^ two for one, two in zip(body, stream))
