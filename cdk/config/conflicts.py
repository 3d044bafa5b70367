"""What two vaults must not share, and no address outside may be sent: their claims compared."""

from collections.abc import Iterator, Sequence
from itertools import product

from cdk.config.claims import Claim, Claims
from cdk.config.forms import quoted


def conflicts(all_claims: Sequence[Claims]) -> list[str]:
    """What later vaults claim that an earlier one has, one line each."""
    problems: list[str] = []
    taken: dict[tuple[tuple[str, ...], str], tuple[Claims, Claim]] = {}
    earlier: list[Claims] = []
    for claims in all_claims:
        twin = taken.get((claims.vault.scope, claims.vault.value))
        if twin is not None:
            same = f"is the same as {_spelled(twin[0], claims)} (capitals do not count)"
            problems.append(f"{claims.where}: {same}; remove one, or give it another repo or env")
            continue
        for claim in (claims.vault, *claims.things):
            holder = taken.get((claim.scope, claim.value))
            taken.setdefault((claim.scope, claim.value), (claims, claim))
            if holder is not None:
                whose = _whose(*holder, claims)
                problems.append(f"{claims.where.at(*claim.keys)}: {claim.words} is {whose}; each needs its own")
        problems += _overlaps(claims, earlier)
        problems += _elsewhere(claims, earlier)
        earlier.append(claims)
    problems += _sent_away(all_claims)
    return problems


def _whose(holder: Claims, held: Claim, seen_from: Claims) -> str:
    return f"its {held.role} as well" if holder is seen_from else f"{_spelled(holder, seen_from)}'s too"


def _overlaps(claims: Claims, earlier: Sequence[Claims]) -> Iterator[str]:
    """One line for each earlier vault; two prefixes that meet are enough."""
    for other in earlier:
        if claims.bucket is None or claims.bucket != other.bucket:
            continue
        pairs = product(claims.prefixes, other.prefixes)
        meeting = [(mine, theirs) for mine, theirs in pairs if mine.startswith(theirs) or theirs.startswith(mine)]
        for mine, theirs in meeting[:1]:
            where = claims.where.at("prefix")
            yield (
                f"{where}: {quoted(mine)} and {quoted(theirs)} of {_spelled(other, claims)} lie one within the other "
                "in the same bucket, and the reader of the outer one could fetch the other's bundles; "
                "give each vault a prefix apart from the other's prefix and <repo>/<env>/"
            )


def _elsewhere(claims: Claims, earlier: Sequence[Claims]) -> Iterator[str]:
    """A bucket is in one region; one line is enough."""
    if claims.bucket_region is None:
        return
    for other in earlier:
        if other.bucket == claims.bucket and other.bucket_region not in (None, claims.bucket_region):
            yield (
                f"{claims.where.at('bucket_region')}: is {claims.bucket_region}, and {_spelled(other, claims)} has the "
                f"same bucket in {other.bucket_region}; correct one"
            )
            return


def _sent_away(all_claims: Sequence[Claims]) -> Iterator[str]:
    """A vault's secret that goes to a hook, whosever the hook is: an address outside would be told what opens it."""
    for claims in all_claims:
        for sent in claims.sent:
            owner = next((other for other in all_claims if sent.names & other.secrets), None)
            if owner is not None:
                whose = "the vault's own" if owner is claims else f"{_spelled(owner, claims)}'s"
                yield f"{sent.where}: is {whose} and would be sent to the hook; name a secret for this purpose"


def _spelled(other: Claims, seen_from: Claims) -> str:
    """The other vault, with its file where that is another one."""
    return other.where.entry if other.where.file == seen_from.where.file else str(other.where)
