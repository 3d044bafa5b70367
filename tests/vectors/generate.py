"""Writes our own conformance vectors: `python tests/vectors/generate.py`.

Each vector is a JSON file (what goes in, what must come out) and mostly a `.bin` beside it. The generator shares no
code with the package it tests: it uses hashlib, AESGCM and hand-made gzip. Everything follows from the labels, so
that a test can make all files again in memory and compare them byte for byte. The gzip content is one *stored* deflate
block for the same reason: compressed bytes differ between builds of zlib, stored ones do not.
"""

import base64
import hashlib
import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE: Final = Path(__file__).parent
CATEGORIES: Final = (
    "rqe1-decrypt",
    "rqe1-decrypt-error",
    "rqem0001-manifest",
    "config-blob",
    "mint",
    "generation-cell",
    "audit-log",
)
ITERATIONS: Final = 1_000
PASSPHRASE: Final = "rotate the vanes before the wind does"


@dataclass(frozen=True, slots=True)
class Vector:
    """One vector: its place, its two files."""

    category: str
    name: str
    document: Mapping[str, object]
    data: bytes | None

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Relative paths and contents."""
        text = json.dumps({"category": self.category, **self.document}, indent=2, ensure_ascii=False)
        yield f"{self.category}/{self.name}.json", f"{text}\n".encode()
        if self.data is not None:
            yield f"{self.category}/{self.name}.bin", self.data


def files() -> dict[str, bytes]:
    """Every file of the corpus by its path below this folder."""
    makers: tuple[Callable[[], Iterator[Vector]], ...] = (
        _rqe1,
        _rqe1_errors,
        _manifests,
        _blobs,
        _broken_blobs,
        _mints,
        _cells,
        _audit_logs,
    )
    return {path: data for make in makers for vector in make() for path, data in vector.files()}


def main() -> None:
    """Write the corpus, and remove what no longer belongs to it."""
    wanted = files()
    for category in CATEGORIES:
        (HERE / category).mkdir(exist_ok=True)
        for path in (HERE / category).iterdir():
            if f"{category}/{path.name}" not in wanted:
                path.unlink()
    for name, data in wanted.items():
        (HERE / name).write_bytes(data)


def _seed(category: str, name: str, label: str) -> bytes:
    return hashlib.sha256(f"vsync-rotation-vec-1|{category}|{name}|{label}".encode("ascii")).digest()


def _salt(category: str, name: str) -> str:
    return base64.b64encode(_seed(category, name, "salt")[:18]).decode("ascii")


def _envelope(iv: bytes, plaintext: bytes, passphrase: str, salt: str) -> bytes:
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt.encode(), ITERATIONS, 32)
    return b"RQE1" + iv + AESGCM(key).encrypt(iv, plaintext, None)


# ---- envelopes


def _rqe1() -> Iterator[Vector]:
    category = "rqe1-decrypt"
    long = b"".join(_seed(category, "several-blocks", f"block-{number}") for number in range(128))
    cases: tuple[tuple[str, str, bytes, str, str | None], ...] = (
        ("nothing-inside", "An envelope of 32 bytes holds an empty plaintext", b"", PASSPHRASE, None),
        ("one-byte", "A plaintext far shorter than a cipher block", b"\x00", PASSPHRASE, None),
        ("text", "UTF-8 text", "Räder drehen sich".encode(), PASSPHRASE, None),
        ("several-blocks", "4,096 bytes of every value", long, PASSPHRASE, None),
        ("magic-inside", "A plaintext that begins like an envelope", b"RQE1" + bytes(40), PASSPHRASE, None),
        ("unicode-passphrase", "The passphrase is its UTF-8 bytes", b"plain", "schlüssel-钥匙", None),
        ("salt-is-text", "A salt that is no base64 is used as it stands", b"plain", PASSPHRASE, "not base64 at all!"),
    )
    for name, description, plaintext, passphrase, own_salt in cases:
        salt = own_salt or _salt(category, name)
        document: dict[str, object] = {
            "description": description,
            "inputs": {"passphrase": passphrase, "salt": salt, "iterations": ITERATIONS},
            "expected": {"plaintext_hex": plaintext.hex(), "error": None},
        }
        yield Vector(category, name, document, _envelope(_seed(category, name, "iv")[:12], plaintext, passphrase, salt))


def _flip(data: bytes, offset: int) -> bytes:
    changed = bytearray(data)
    changed[offset] ^= 0x01
    return bytes(changed)


def _rqe1_errors() -> Iterator[Vector]:
    category = "rqe1-decrypt-error"
    cases: tuple[tuple[str, str, Callable[[bytes], bytes], str, str], ...] = (
        ("another-passphrase", "Intact, another passphrase", lambda e: e, "WrongPassphraseError", "not this one"),
        ("iv-changed", "One bit of the IV", lambda e: _flip(e, 4), "WrongPassphraseError", PASSPHRASE),
        ("ciphertext-changed", "One bit of the ciphertext", lambda e: _flip(e, 16), "WrongPassphraseError", PASSPHRASE),
        ("tag-changed", "One bit of the tag", lambda e: _flip(e, -1), "WrongPassphraseError", PASSPHRASE),
        ("cut-but-long-enough", "The last byte is missing", lambda e: e[:-1], "WrongPassphraseError", PASSPHRASE),
        ("byte-appended", "One byte too many", lambda e: e + b"\x00", "WrongPassphraseError", PASSPHRASE),
        ("magic-first-byte", "S instead of R", lambda e: _flip(e, 0), "BundleCorruptError", PASSPHRASE),
        ("magic-third-byte", "D instead of E", lambda e: _flip(e, 2), "BundleCorruptError", PASSPHRASE),
        ("31-bytes", "One byte below the minimum", lambda e: e[:31], "BundleCorruptError", PASSPHRASE),
        ("no-bytes", "An empty object", lambda _: b"", "BundleCorruptError", PASSPHRASE),
        (
            "short-and-foreign",
            "Length is checked before magic",
            lambda _: b"PK\x03\x04",
            "BundleCorruptError",
            PASSPHRASE,
        ),
        ("version-0", "Version byte 0", lambda e: _flip(e, 3), "UnsupportedVersionError", PASSPHRASE),
        (
            "version-2",
            "Version byte 2, and a bad tag: version is checked first",
            lambda e: b"RQE2" + e[4:-1] + b"\x00",
            "UnsupportedVersionError",
            PASSPHRASE,
        ),
    )
    for name, description, damage, error, passphrase in cases:
        salt = _salt(category, name)
        intact = _envelope(_seed(category, name, "iv")[:12], b"a payload long enough to be cut", PASSPHRASE, salt)
        document: dict[str, object] = {
            "description": description,
            "inputs": {"passphrase": passphrase, "salt": salt, "iterations": ITERATIONS},
            "expected": {"plaintext_hex": None, "error": error},
        }
        yield Vector(category, name, document, damage(intact))


# ---- pointers


def _manifests() -> Iterator[Vector]:
    category = "rqem0001-manifest"
    stamp = b"20260430-235959"
    good: tuple[tuple[str, str, str, bytes, bytes, bool], ...] = (
        ("sealed", "A seal and nothing else", "manifest", b"RQEM0001" + stamp, b"", True),
        (
            "sealed-with-payload",
            "The payload is kept",
            "manifest",
            b"RQEM0001" + stamp + b'{"gen":7}\n',
            b'{"gen":7}\n',
            True,
        ),
        ("sealed-binary-payload", "Whatever it is", "manifest", b"RQEM0001" + stamp + b"\xff\x00", b"\xff\x00", True),
        ("bare-manifest", "The runtime pointer without a seal", "manifest", stamp, b"", False),
        ("bare-latest", "The CLI pointer", "latest", stamp, b"", False),
        ("bare-latest-newline", "An editor was here", "latest", stamp + b"\r\n", b"", False),
        ("bare-leap-day", "29 February of a leap year", "latest", b"20280229-000000", b"", False),
    )
    for name, description, kind, data, payload, sealed in good:
        expected: dict[str, object] = {
            "embedded_ts": data.removeprefix(b"RQEM0001")[:15].decode("ascii"),
            "sealed": sealed,
            "payload_hex": payload.hex(),
            "error": None,
        }
        yield Vector(category, name, _manifest_document(description, kind, expected), data)
    bad: tuple[tuple[str, str, str, bytes], ...] = (
        ("magic-changed", "Last digit of the magic", "manifest", b"RQEM0002" + stamp),
        ("seal-cut", "One byte of the timestamp is missing", "manifest", b"RQEM0001" + stamp[:-1]),
        ("sealed-no-such-day", "30 February", "manifest", b"RQEM000120260230-000000"),
        ("sealed-latest", "The CLI reads no seal in its pointer", "latest", b"RQEM0001" + stamp),
        ("empty", "An empty object", "latest", b""),
        ("leap-second", "The 60th second", "latest", b"20261231-235960"),
        ("foreign-digits", "Digits that are not ASCII", "latest", "２0260430-23595".encode()),
        ("iso-form", "Another way to write an instant", "latest", b"2026-04-30T23:59:59Z"),
        ("two-lines", "Two timestamps", "latest", stamp + b"\n" + stamp),
    )
    for name, description, kind, data in bad:
        expected = {"embedded_ts": None, "sealed": None, "payload_hex": None, "error": "BundleCorruptError"}
        yield Vector(category, name, _manifest_document(description, kind, expected), data)


def _manifest_document(description: str, kind: str, expected: dict[str, object]) -> dict[str, object]:
    return {"description": description, "inputs": {"pointer": kind}, "expected": expected}


# ---- blobs


def _gzip(data: bytes) -> bytes:
    """One member, one stored block (RFC 1951, 3.2.4)."""
    block = b"\x01" + struct.pack("<HH", len(data), len(data) ^ 0xFFFF) + data
    return bytes.fromhex("1f8b08000000000000ff") + block + struct.pack("<II", zlib.crc32(data), len(data))


def _packed(data: bytes) -> bytes:
    return b"vsync-cfg-v1:" + base64.urlsafe_b64encode(data).rstrip(b"=")


def _fields(name: str) -> dict[str, object]:
    return {
        "v": 1,
        "endpoint": "https://s3.eu-central-1.amazonaws.com",
        "region": "eu-central-1",
        "bucket": "mill-vault",
        "accessKeyId": "EXAMPLE-KEY-ID-ONE",
        "secretAccessKey": "example-secret-half-one",
        "prefix": "mill/prod/",
        "env": "prod",
        "salt": _salt("config-blob", name),
        "iterations": 600_000,
    }


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _blobs() -> Iterator[Vector]:
    category = "config-blob"
    unusual = json.dumps({**_fields("spaced-and-unknown"), "note": ["ünicode", {"deep": None}], "last": 0.10}, indent=2)
    texts = {
        "plain": ("As vsync writes it", _compact(_fields("plain"))),
        "no-prefix": ("An empty prefix", _compact(_fields("no-prefix") | {"prefix": ""})),
        "loopback": (
            "Plain http to this machine",
            _compact(_fields("loopback") | {"endpoint": "http://127.0.0.1:9000"}),
        ),
        "spaced-and-unknown": ("Spacing and fields nobody knows", unusual.encode()),
    }
    for name, (description, text) in texts.items():
        expected = {"config_json": json.loads(text), "error": None}
        yield Vector(category, name, {"description": description, "expected": expected}, _packed(_gzip(text)))


def _broken_blobs() -> Iterator[Vector]:
    category = "config-blob"
    fields = _fields("broken")
    text = _compact(fields)
    whole = _packed(_gzip(text))
    cases: tuple[tuple[str, str, bytes, str], ...] = (
        ("json-without-packing", "A decoded blob pasted as it is", text, "BlobError"),
        ("empty-body", "Nothing behind the prefix", b"vsync-cfg-v1:", "BlobError"),
        ("padded", "base64 padding", whole + b"=", "BlobError"),
        ("standard-alphabet", "A plus in the body", whole[:40] + b"+" + whole[41:], "BlobError"),
        ("newline-inside", "Wrapped by a mail program", whole[:60] + b"\n" + whole[60:], "BlobError"),
        ("space-before", "Space before the prefix", b" " + whole, "BlobError"),
        ("prefix-v2", "A later version of the prefix", whole.replace(b"-v1:", b"-v2:"), "UnsupportedVersionError"),
        ("not-gzip", "base64url of text", _packed(b"neither gzip nor JSON"), "BlobError"),
        ("gzip-cut", "The last four bytes are missing", _packed(_gzip(text)[:-4]), "BlobError"),
        ("gzip-bad-crc", "One bit of the CRC", _packed(_flip(_gzip(text), -8)), "BlobError"),
        ("gzip-bad-length", "One bit of the length", _packed(_flip(_gzip(text), -1)), "BlobError"),
        ("gzip-trailing", "Bytes behind the member", _packed(_gzip(text) + b"\x00"), "BlobError"),
        ("gzip-two-members", "A second member", _packed(_gzip(text) + _gzip(b" ")), "BlobError"),
        ("byte-order-mark", "UTF-8 with a mark", _packed(_gzip(b"\xef\xbb\xbf" + text)), "BlobError"),
        ("not-utf8", "A latin-1 byte", _packed(_gzip(text[:-1] + b',"note":"\xfc"}')), "BlobError"),
        ("json-array", "Not an object", _packed(_gzip(b"[" + text + b"]")), "BlobError"),
        ("json-twice", "Two objects", _packed(_gzip(text + text)), "BlobError"),
        ("json-nan", "NaN is not JSON", _packed(_gzip(text[:-1] + b',"note":NaN}')), "BlobError"),
        ("name-twice", "bucket stands twice", _packed(_gzip(text[:-1] + b',"bucket":"other-vault"}')), "BlobError"),
        (
            "nested-deep",
            "A thousand arrays",
            _packed(_gzip(text[:-1] + b',"n":' + b"[" * 1000 + b"]" * 1000 + b"}")),
            "BlobError",
        ),
        ("v-99", "Another version inside", _packed(_gzip(_compact(fields | {"v": 99}))), "UnsupportedVersionError"),
        ("v-99-alone", "The version is checked first", _packed(_gzip(b'{"v":99}')), "UnsupportedVersionError"),
        ("v-true", "true is not 1", _packed(_gzip(_compact(fields | {"v": True}))), "BlobError"),
        ("v-missing", "No version", _packed(_gzip(_compact({k: fields[k] for k in fields if k != "v"}))), "BlobError"),
        (
            "salt-missing",
            "No salt",
            _packed(_gzip(_compact({k: fields[k] for k in fields if k != "salt"}))),
            "BlobError",
        ),
        ("salt-short", "15 characters", _packed(_gzip(_compact(fields | {"salt": "a" * 15}))), "BlobError"),
        ("bucket-null", "null is not a string", _packed(_gzip(_compact(fields | {"bucket": None}))), "BlobError"),
        (
            "iterations-text",
            "Digits in quotes",
            _packed(_gzip(_compact(fields | {"iterations": "600000"}))),
            "BlobError",
        ),
        ("iterations-low", "999 iterations", _packed(_gzip(_compact(fields | {"iterations": 999}))), "SettingsError"),
        (
            "iterations-high",
            "10,000,001",
            _packed(_gzip(_compact(fields | {"iterations": 10_000_001}))),
            "SettingsError",
        ),
        ("endpoint-bare", "No scheme", _packed(_gzip(_compact(fields | {"endpoint": "s3.example"}))), "SettingsError"),
        ("prefix-open", "No final slash", _packed(_gzip(_compact(fields | {"prefix": "mill/pro"}))), "SettingsError"),
    )
    for name, description, data, error in cases:
        expected = {"config_json": None, "error": error}
        yield Vector(category, name, {"description": description, "expected": expected}, data)


# ---- minting


def _mints() -> Iterator[Vector]:
    category = "mint"
    inputs = {"accessKeyId": "EXAMPLE-KEY-ID-TWO", "secretAccessKey": 'example"secret\\half/two'}
    new_id, new_secret = (json.dumps(value) for value in inputs.values())
    tail = '"prefix":"","env":"dev","salt":"sixteen or more!","iterations":600000,"odd":1e400000,"big":123456789012345'
    head = '{"v":1,"endpoint":"https://s3.example/","region":"auto","bucket":"mill-vault"'
    blob = head + ',"accessKeyId":"{}","secretAccessKey":{},' + tail + "}"
    spread = (
        '{\n  "note": "first",\n  "bucket" : "mill-vault",\n  "v":1,"endpoint":"https://s3.example","region":"auto",'
    )
    pair = '{"user":"app","AWS_SECRET_ACCESS_KEY": %s,"port":5.0,"AWS_ACCESS_KEY_ID" :%s}'
    old = blob.replace('"{}"', '"EXAMPLE-KEY-ID-ONE"').replace("{}", '"ex\\u0061mple-one"')
    new = blob.replace('"{}"', new_id).replace("{}", new_secret)
    added = f',"accessKeyId":{new_id},"secretAccessKey":{new_secret}'
    spread_added = f',\n  "accessKeyId" : {new_id},\n  "secretAccessKey" : {new_secret}'
    cases = (
        ("blob", "Two values change, no other byte of the JSON does", _packed(_gzip(old.encode())), new),
        ("location", "The first key stands behind bucket", f"{head},{tail}}}".encode(), f"{head}{added},{tail}}}"),
        (
            "location-spaced",
            "The first key is spaced as bucket is; the final newline goes",
            f"{spread}{tail}}}\n".encode(),
            spread.replace('"mill-vault"', f'"mill-vault"{spread_added}') + tail + "}",
        ),
        (
            "key-pair",
            "Any order, other fields kept",
            (pair % ('"old"', '"OLD-ID"')).encode(),
            pair % (new_secret, new_id),
        ),
    )
    for name, description, data, text in cases:
        document = {"description": description, "inputs": inputs, "expected": {"json_text": text, "error": None}}
        yield Vector(category, name, document, data)


# ---- generation cells, audit logs


def _cells() -> Iterator[Vector]:
    category = "generation-cell"
    good: tuple[tuple[str, bytes, int], ...] = (
        ("absent", b"", 0),
        ("empty-object", b"{}", 0),
        ("as-the-cli-writes", b'{"gen":4,"prev_gen":3,"rotated_at":"2026-04-30T23:59:59.000Z"}', 4),
        ("gen-only", b'{ "gen": 12 }\n', 12),
        ("whole-float", b'{"gen":4.0}', 4),
        ("others-kept", b'{"owner":{"team":"mill"},"gen":1,"prev_gen":0,"rotated_at":null}', 1),
    )
    for name, data, gen in good:
        yield Vector(category, name, {"expected": {"gen": gen, "error": None}}, data)
    bad: tuple[tuple[str, bytes], ...] = (
        ("true", b'{"gen":true}'),
        ("null", b'{"gen":null}'),
        ("text", b'{"gen":"4"}'),
        ("negative", b'{"gen":-1}'),
        ("fraction", b'{"gen":4.5}'),
        ("too-large", b'{"gen":9007199254740992}'),
        ("without-gen", b'{"prev_gen":3}'),
        ("prev-gen-null", b'{"gen":4,"prev_gen":null}'),
        ("array", b"[4]"),
        ("number", b"4"),
        ("null-body", b"null"),
        ("seal", b"RQEM000120260430-235959"),
        ("cut", b'{"gen":4'),
    )
    for name, data in bad:
        yield Vector(category, name, {"expected": {"gen": None, "error": "GenerationError"}}, data)


def _audit_logs() -> Iterator[Vector]:
    category = "audit-log"
    row: dict[str, object] = {
        "at": "2026-05-01T09:15:02.345+00:00",
        "version_ts": "20260501-091500",
        "hostname": "rotate.example",
        "gen": 4,
        "prev_gen": 3,
    }
    header = "ts,action,version_ts,hostname,local_ip,os_user,git_email,vsync_version,bun_version,meta"
    meta = '"{""event"":""rotate"",""gen"":4,""prev_gen"":3}"'
    line = f"2026-05-01T09:15:02.345Z,rotate,20260501-091500,rotate.example,,,,,,{meta}\n"
    push = '2026-04-30T23:59:59.000Z,push,20260430-235959,"a ""host"", quoted",10.0.0.1,me,,0.17,1.3,\n'
    moved = "meta,version_ts,action,ts,new column"
    cases: tuple[tuple[str, str, bytes, str | None], ...] = (
        ("first", "An empty object gets header and row", b"", f"{header}\n{line}"),
        ("second", "The row goes to the end", f"{header}\n{push}".encode(), f"{header}\n{push}{line}"),
        (
            "no-final-newline",
            "The newline is supplied",
            f"{header}\n{push}".rstrip("\n").encode(),
            f"{header}\n{push}{line}",
        ),
        ("crlf-kept", "Old rows stay as they are", f"{header}\r\n".encode(), f"{header}\r\n{line}"),
        (
            "columns-by-name",
            "Another order, a column nobody knows",
            f"{moved}\n".encode(),
            f"{moved}\n{meta},20260501-091500,rotate,2026-05-01T09:15:02.345Z,\n",
        ),
        ("open-quote", "A row behind it would be part of a field", f'{header}\n2026,"push\n'.encode(), None),
        ("no-meta-column", "A header without meta", b"ts,action,version_ts\n", None),
        ("not-utf8", "A latin-1 byte", f"{header}\n".encode() + b"\xfc\n", None),
    )
    for name, description, data, after in cases:
        expected = {"log": after, "error": None if after else "BundleCorruptError"}
        yield Vector(category, name, {"description": description, "inputs": row, "expected": expected}, data)


if __name__ == "__main__":
    main()
