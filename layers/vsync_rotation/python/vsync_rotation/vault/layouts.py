"""Where a vault keeps its objects, and which of its layouts are there (SPEC 6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vsync_rotation.errors import VaultNotFoundError
from vsync_rotation.formats.pointer import Pointer, parse_latest, parse_manifest
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.formats.vault_config import VaultPlace
from vsync_rotation.vault.ports import ObjectStore, SmallObject

# The vsync CLI has this count fixed in its code; the libraries take the blob's (SPEC 2.4).
CLI_ITERATIONS: Final = 600_000


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of one layout's objects under one base."""

    name: str
    pointer_key: str
    generation_key: str
    bundle_prefix: str
    bundle_suffix: str
    parse_pointer: Callable[[bytes], Pointer]

    def bundle_key(self, timestamp: Timestamp) -> str:
        """The key of the bundle of that timestamp."""
        return f"{self.bundle_prefix}{timestamp}{self.bundle_suffix}"


def runtime_layout(base: str) -> Layout:
    """What the runtime libraries read (SPEC 6.1)."""
    return Layout("runtime", f"{base}manifest", f"{base}latest.meta", f"{base}v=", "", parse_manifest)


def cli_layout(base: str) -> Layout:
    """What the vsync CLI pushes and pulls (SPEC 6.2)."""
    return Layout("cli", f"{base}latest", f"{base}latest.manifest", f"{base}versions/", ".enc", parse_latest)


@dataclass(frozen=True, slots=True)
class Site:
    """Everything about a vault's place that follows from its blob and the repo tag."""

    repo: str | None
    env: str
    layouts: tuple[Layout, ...]
    audit_key: str


@dataclass(frozen=True, slots=True)
class FoundLayout:
    """A layout that is present: its pointer, parsed, and the pointer object as it was read."""

    layout: Layout
    pointer: Pointer
    pointer_object: SmallObject

    @property
    def bundle_key(self) -> str:
        """The key of the live bundle."""
        return self.layout.bundle_key(self.pointer.timestamp)


def site_of(place: VaultPlace, repo_tag: str | None) -> Site:
    """Derive the possible layouts, in the order their pointers are swapped, and the audit key.

    CLI layouts come first: applications boot from the runtime layout, so that its pointer moves last, right before
    the label.
    """
    repo = repo_tag or default_repo(place.prefix)
    home = f"{repo}/{place.env.lower()}/" if repo else place.prefix
    bases = dict.fromkeys((place.prefix, home))
    return Site(
        repo=repo,
        env=place.env,
        layouts=(*map(cli_layout, bases), *map(runtime_layout, bases)),
        audit_key=f"{home}audit.csv",
    )


def default_repo(prefix: str) -> str | None:
    """The repo name a prefix implies: the prefix without its last part; None where nothing is left."""
    return prefix.rstrip("/").rpartition("/")[0] or None


def find_layouts(store: ObjectStore, site: Site) -> tuple[FoundLayout, ...]:
    """Read every pointer the site may have.

    Raises:
        VaultNotFoundError: there is none.
        BundleCorruptError: one is malformed.
    """
    found = tuple(
        FoundLayout(layout, layout.parse_pointer(pointer.body), pointer)
        for layout in site.layouts
        if (pointer := store.get(layout.pointer_key)) is not None
    )
    if not found:
        looked = ", ".join(layout.pointer_key for layout in site.layouts)
        raise VaultNotFoundError(
            f"the bucket holds no pointer of this vault (looked for {looked})",
            remedy="push the vault once, or correct prefix and env in the config secret (or the repo tag)",
        )
    return found
