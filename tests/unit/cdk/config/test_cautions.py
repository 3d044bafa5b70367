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

WARNED = {
    "nobody is told": (QUIET.replace('email = ["ops@example.com"], ', ""), "", "notifications: nobody is told when a rotation fails or a vault drifts; name an e-mail address or a topic"),
    "no trail": (QUIET.replace(", trail = true", ""), "", "notifications.trail: is false: Secrets Manager's own word that a rotation failed, and alarms on deletions and policy changes, come through a CloudTrail trail; have one record management events here, then write true"),
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
    ],
)
def test_a_file_without_any_of_it_is_warned_of_nothing(folder: Folder, top: str, vault: str) -> None:
    assert warnings(folder.read(text(top=top, vault=vault))) == ()
