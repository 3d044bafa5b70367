"""What a good file is warned of."""

import pytest

from cdk.config.cautions import warnings
from tests.unit.cdk.config.files import OTHER_STORE, Folder, secret_arn, text

ROLE = "arn:aws:iam::111122223333:role/a"
QUIET = f"""
admins = ["{ROLE}"]
notifications = {{ email = ["ops@example.com"], trail = true }}
"""
PROTECTED = f"protect_reading = true\n{QUIET}"
READERS = f'readers = ["{ROLE}"]'
BOTH = f'adopt = {{ config_secret = "{secret_arn("a/config")}", passphrase_secret = "{secret_arn("a/pass")}", reader_user = "arn:aws:iam::111122223333:user/r" }}'
VAULT = "vaults[1] (acme_web/prod): "

KEY = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-00000000000a"
TOLD_AT_HOME = "since what CloudTrail records reaches EventBridge in its own region; watch them there, if it matters"
SHORT_ARN = (
    "ends in six small letters, as a name may that lacks its last six characters; see whether this is the full ARN"
)
HOOK = f"""[[vaults.hooks]]
name = "deploy"
url = "https://ci.example/"
header = "X-Api-Key"
secret = "{secret_arn("ci-deploy")[:-7].replace("ci-deploy", "deploy-secret")}"
"""
SECOND = '[[vaults]]\nrepo = "acme_api"\nenv = "prod"\nbucket = "acme-vaults"\n'

WARNED = {
    "nobody is told": (QUIET.replace('email = ["ops@example.com"], ', ""), "", "notifications: nobody is told when a rotation fails or a vault drifts; name an e-mail address or a topic"),
    "no trail": (QUIET.replace(", trail = true", ""), "", "notifications.trail: is false: Secrets Manager's own word that a rotation failed, and alarms on deletions and policy changes, come through a CloudTrail trail; have one record management events here, then write true"),
    "a region that nobody knows": (QUIET, 'replica_regions = ["eu-central-7"]', f"{VAULT}replica_regions: eu-central-7 is no region that this release knows; see whether it is spelled well, and switched on"),
    "a key of the operator's": (f'kms_key = "{KEY}"\n{QUIET}', "", "kms_key: is a key of yours: who reads the secrets made here, readers and admins, needs kms:Decrypt for it besides; allow it by IAM, or by the key's policy"),
    "a bucket elsewhere": (QUIET, 'bucket_region = "eu-west-1"', f"{VAULT}bucket_region: is eu-west-1: changes of the bucket are not told, {TOLD_AT_HOME}"),
    "a bucket and its key elsewhere": (QUIET, f'bucket_region = "eu-west-1"\nbucket_kms_key = "{KEY.replace("central", "west")}"', f"{VAULT}bucket_region: is eu-west-1: changes of the bucket and its key are not told, {TOLD_AT_HOME}"),
    "an ARN that ends as a name does": (QUIET, f'adopt = {{ passphrase_secret = "{secret_arn("web-secret")[:-7]}" }}', f"{VAULT}adopt.passphrase_secret: {SHORT_ARN}"),
    "a hook's ARN that ends as a name does": (QUIET, HOOK, f"{VAULT}hooks[1].secret: {SHORT_ARN}"),
    "one bucket with two keys": (QUIET, f'{SECOND}bucket_kms_key = "{KEY}"', "vaults[2] (acme_api/prod): bucket_kms_key: is not that of vaults[1] (acme_web/prod), which lies in the same bucket; a bucket encrypts what is new with one key, which the functions of both must be allowed; correct one"),
    "no admins": (PROTECTED.replace(f'admins = ["{ROLE}"]', ""), READERS, "admins: is empty: besides functions, readers and the account's root nobody may read the secrets made here, you included; name a role for emergencies"),
    "everything goes": (f'removal_policy = "destroy"\n{QUIET}', "", "removal_policy: is destroy: whoever deletes a stack deletes secrets, users and keys with it; write retain unless this is for throwing away"),
    "adopted and not protected": (PROTECTED, BOTH, f"{VAULT}adopt: protect_reading does not cover a/config and a/pass; what is adopted keeps its own resource policy: see to it where it is made"),
    "one adopted and not protected": (PROTECTED, f'{READERS}\nadopt = {{ passphrase_secret = "{secret_arn("a/pass")}" }}', f"{VAULT}adopt: protect_reading does not cover a/pass; what is adopted keeps its own resource policy: see to it where it is made"),
    "readers of nothing": (QUIET, f"{READERS}\n{BOTH}", f"{VAULT}readers: says nothing, since both secrets are adopted; remove it"),
    "an overlap that is too short to be seen": (QUIET, "key_rotation = { overlap_hours = 3.5 }", f"{VAULT}key_rotation.overlap_hours: is 3.5 hours, and IAM shows a key's use late, by hours: one that is in use may be deactivated; write 4 or more"),
}  # fmt: skip


@pytest.mark.parametrize(("top", "vault", "line"), WARNED.values(), ids=WARNED)
def test_what_had_better_be_known_is_told_in_one_line(folder: Folder, top: str, vault: str, line: str) -> None:
    assert warnings(folder.read(text(top=top, vault=vault))) == (f"test.toml: {line}",)


@pytest.mark.parametrize(
    ("top", "vault"),
    [
        (QUIET, ""),
        (QUIET, BOTH),
        (PROTECTED, READERS),
        (QUIET, f'{OTHER_STORE}adopt = {{ passphrase_secret = "{secret_arn("p")}" }}'),
        (QUIET.replace("email", "topics").replace("ops@example.com", "arn:aws:sns:eu-central-1:111122223333:t"), ""),
        (QUIET.replace('email = ["ops@example.com"]', 'slack = { workspace_id = "T0", channel_id = "C0" }'), ""),
        (QUIET, "key_rotation = { overlap_hours = 4 }"),
        (f'kms_key = "{KEY}"\n{QUIET}', BOTH),
        (QUIET, f'bucket_kms_key = "{KEY}"\n{SECOND}bucket_kms_key = "{KEY}"'),
        (QUIET, f'{OTHER_STORE}bucket_region = "auto"'),
    ],
)
def test_a_file_without_any_of_it_is_warned_of_nothing(folder: Folder, top: str, vault: str) -> None:
    assert warnings(folder.read(text(top=top, vault=vault))) == ()


def test_a_bucket_elsewhere_is_no_news_where_no_trail_is_watched(folder: Folder) -> None:
    lines = warnings(folder.read(text(top=QUIET.replace(", trail = true", ""), vault='bucket_region = "eu-west-1"')))
    assert [line for line in lines if "bucket_region" in line] == []


def test_a_region_that_nobody_knows_is_told_of_a_bucket_too(folder: Folder) -> None:
    unknown, untold = warnings(folder.read(text(top=QUIET, vault='bucket_region = "eu-central-7"')))
    assert unknown.startswith(f"test.toml: {VAULT}bucket_region: eu-central-7 is no region")
    assert "are not told" in untold


def test_a_region_that_nobody_knows_is_told_of_the_account_too(folder: Folder) -> None:
    lines = warnings(folder.read(text(top=QUIET).replace("eu-central-1", "eu-central-7")))
    assert [line.partition(" is no region")[0] for line in lines] == ["test.toml: region: eu-central-7"]


def many(count: int, lines: str = "") -> str:
    table = '[[vaults]]\nrepo = "r{}"\nenv = "prod"\nbucket = "vaults"\n'
    return "".join(table.format(number) + lines for number in range(1, count))


@pytest.mark.parametrize(
    ("vaults", "lines", "hooks"), [(81, "", 0), (41, HOOK.replace("deploy-secret", "hook-Ab12Cd"), 40)]
)
def test_rules_near_the_quota_are_told(folder: Folder, vaults: int, lines: str, hooks: int) -> None:
    assert warnings(folder.read(text(top=QUIET, more=many(vaults, lines)))) == (
        f"test.toml: vaults: {vaults} vaults and {hooks} hooks need up to 101 rules of EventBridge besides those that there are, and an event bus takes 300, in some regions 100; look at the quota of the region, and have it raised before you deploy",
    )


def test_rules_far_from_it_are_not(folder: Folder) -> None:
    """Most of them come of watching a trail."""
    assert warnings(folder.read(text(top=QUIET, more=many(80)))) == ()
    [line] = warnings(folder.read(text(top=QUIET.replace(", trail = true", ""), more=many(200))))
    assert ": notifications.trail: " in line
