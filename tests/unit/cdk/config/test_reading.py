"""Files: missing, unreadable, no TOML, and everything that is wrong with one told at once."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk.config.errors import DeploymentError
from cdk.config.model import Deployment
from cdk.config.reading import read
from tests.unit.cdk.config.files import OTHER_STORE, Folder, text

SHOWN = "; correct it there, example.toml shows how"


def refusal(path: Path) -> str:
    with pytest.raises(DeploymentError) as caught:
        read(path)
    (problem,) = caught.value.problems
    return problem


def test_a_missing_file_names_those_that_there_are(own_folder: Folder) -> None:
    missing = own_folder.path / "prod.toml"
    assert (
        refusal(missing)
        == f"{missing}: there is no such file, and no other deployment file beside it; copy example.toml to it"
    )
    own_folder.write(text(), "staging")
    own_folder.write(text(), "example")
    assert refusal(missing) == f"{missing}: there is no such file; files there: example, staging; name one of these"
    own_folder.write(text(), "prd")
    assert (
        refusal(missing) == f"{missing}: there is no such file; files there: example, prd, staging; did you mean prd?"
    )


def test_a_folder_that_is_missing_is_no_other_case(folder: Folder) -> None:
    assert "there is no such file" in refusal(folder.path / "nowhere" / "prod.toml")


def test_a_link_that_leads_nowhere_is_called_one(own_folder: Folder) -> None:
    link = own_folder.path / "prod.toml"
    link.symlink_to(own_folder.path / "gone.toml")
    assert refusal(link) == f"{link}: is a link to a file that is not there; correct the link, or remove it"


def test_a_byte_order_mark_is_read_over(folder: Folder) -> None:
    file = folder.path / "test.toml"
    file.write_bytes(b"\xef\xbb\xbf" + text().encode())
    assert read(file).account == "111122223333"


def test_what_cannot_be_read_says_why(folder: Folder) -> None:
    assert refusal(folder.path) == f"{folder.path}: cannot be read: Is a directory; nothing was done"


def test_what_is_no_toml_names_the_line(folder: Folder) -> None:
    file = folder.write('account = "111122223333"\nregion = eu-central-1\n')
    assert refusal(file) == f"{file}: is no TOML: Invalid value (at line 2, column 10){SHOWN}"


def test_a_key_that_stands_twice_is_no_toml(folder: Folder) -> None:
    file = folder.write("tracing = true\ntracing = false\n")
    assert refusal(file) == f"{file}: is no TOML: Cannot overwrite a value (at line 2, column 16){SHOWN}"


@pytest.mark.parametrize("content", ["a = " + "9" * 5000, "a = " + "[" * 5000, "a = { b = " * 2000])
def test_numbers_and_nests_beyond_reason_are_refused(folder: Folder, content: str) -> None:
    assert "is no TOML" in refusal(folder.write(content))


def test_other_encodings_are_refused(folder: Folder) -> None:
    file = folder.path / "test.toml"
    file.write_bytes(text(top="# für").encode("latin-1"))
    assert refusal(file) == f"{file}: is not UTF-8; save it as UTF-8"


def test_an_empty_file_lacks_what_every_file_needs(folder: Folder) -> None:
    assert folder.problems("") == [
        'account: is missing; write the account\'s twelve digits in quotes, such as "111122223333"',
        "region: is missing; write a region's name, such as eu-central-1",
        "vaults: is missing; write [[vaults]], once for each vault",
    ]


@pytest.mark.parametrize(
    ("vaults", "line"),
    [
        ("vaults = []", "vaults: is empty; write [[vaults]], once for each vault"),
        ("vaults = 3", "vaults: is an integer; write an array"),
        ("[vaults]", "vaults: is one table; write its name in two brackets, once for each"),
        ('vaults = ["acme"]', "vaults[1]: is a string; write a table"),
    ],
)
def test_vaults_are_tables_in_an_array(folder: Folder, vaults: str, line: str) -> None:
    assert folder.problems(f'account = "111122223333"\nregion = "eu-central-1"\n{vaults}') == [line]


VAULT_KEYS = (
    "repo, env, bucket, prefix, bucket_region, endpoint, create_bucket, bucket_kms_key, adopt, hooks, consumers, health, "
    "key_rotation, passphrase_rotation, readers, replica_regions, rotation_stack"
)
UNKNOWN = {
    "at the top": (text(top="acount = 1"), "acount: unknown key; did you mean account?"),
    "in a vault": (text(vault='pefix = "a/"'), "vaults[1] (acme_web/prod): pefix: unknown key; did you mean prefix?"),
    "far from all": (text(vault="adopt = { xyz = 1 }"), "vaults[1] (acme_web/prod): adopt.xyz: unknown key; known here are config_secret, passphrase_secret, writer_secret, reader_user, kms_key, config_kms_key, passphrase_kms_key, writer_kms_key"),
    "of another table": (text(vault='schedule = "rate(1 day)"'), f"vaults[1] (acme_web/prod): schedule: unknown key; known here are {VAULT_KEYS}"),
    "of the key": (text(vault="passphrase_rotation = { overlap_hours = 24 }"), "vaults[1] (acme_web/prod): passphrase_rotation.overlap_hours: unknown key; known here are schedule, timezone, window_minutes, heal, keep_bundles, repair_seal"),
    "in Slack's": (text(top="[notifications.slack]\nworkspace_id = 'T0'\nchannel_id = 'C0'\nchannel = 1"), "notifications.slack.channel: unknown key; did you mean channel_id?"),
    "of the blob": (text(vault='salt = "AAAA"'), f"vaults[1] (acme_web/prod): salt: unknown key; known here are {VAULT_KEYS}"),
    "that hides a line": (text(top='"a\\nb: c" = 1'), '"a\\nb: c": unknown key; known here are account, region, stack_prefix, protect_reading, network, vaults, admins, notifications, permissions_boundary, kms_key, architecture, log_retention_days, tracing, per_vault_metrics, removal_policy'),
}  # fmt: skip


@pytest.mark.parametrize(("content", "line"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_key_is_refused_and_the_nearest_is_named(folder: Folder, content: str, line: str) -> None:
    assert folder.problems(content) == [line]


def test_every_problem_is_told_at_once(folder: Folder) -> None:
    content = text(
        top='region_ = 1\nadmins = ["me"]',
        vault='prefix = "a"\nconsumers = { web = "web" }\nkey_rotation = { schedule = "daily", overlap_hours = -1 }',
        more='[[vaults]]\nenv = "prod"\nbucket = 3\nendpoint = "https://s.example"\nkey_rotation = {}\nhooks = [{ name = "A" }]',
    ).replace("111122223333", "1")
    assert [line.partition("; ")[0] for line in folder.problems(content)] == [
        'account: "1" is malformed',
        'vaults[1] (acme_web/prod): prefix: "a" must end in a slash and not begin with one, or be empty',
        "vaults[1] (acme_web/prod): consumers.web: names no kind of consumer",
        'vaults[1] (acme_web/prod): key_rotation.schedule: "daily" is malformed',
        "vaults[1] (acme_web/prod): key_rotation.overlap_hours: is out of range",
        "vaults[2]: repo: is missing",
        "vaults[2]: bucket: is an integer",
        'vaults[2]: hooks[1].name: "A" is malformed',
        "vaults[2]: hooks[1].url: is missing",
        "vaults[2]: hooks[1].header: is missing",
        "vaults[2]: hooks[1].secret: is missing",
        "admins[1]: is no full ARN of a role or an IAM user (no session, no wildcard)",
        "region_: unknown key",
    ]


def test_no_value_that_may_be_secret_is_repeated(folder: Folder) -> None:
    """An endpoint or a URL may carry a password; who reads the message may not be meant to."""
    content = text(
        vault='endpoint = "https://u:hunter2@s.example"\nhealth = { web = "https://x.example/?key=hunter2" }\n'
        'hooks = [{ url = "https://x.example/?key=hunter2" }]'
    )
    problems = folder.problems(content)
    assert len(problems) == 6
    assert "hunter2" not in "\n".join(problems)


@pytest.mark.parametrize(
    "lines",
    [
        'adopt = { config_secret = "hunter2" }',
        'adopt = { passphrase_secret = "hunter2" }',
        f'{OTHER_STORE}adopt = {{ writer_secret = "hunter2" }}',
        'adopt = { reader_user = "hunter2" }',
        'adopt = { kms_key = "hunter2" }',
        'adopt = { config_kms_key = "hunter2" }',
        'readers = ["hunter2"]',
        'bucket_kms_key = "hunter2"',
        'hooks = [{ secret = "Bearer hunter2" }]',
        'hooks = [{ header = "Authorization: Bearer hunter2" }]',
        'key_rotation = { secretAccessKey = "hunter2" }',
        'hooks = [{ value = "hunter2" }]',
    ],
)
def test_a_value_in_the_place_of_something_else_is_not_repeated(folder: Folder, lines: str) -> None:
    assert "hunter2" not in "\n".join(folder.problems(text(vault=lines)))


INJECTED = ("{{resolve:ssm:x}}", "${Token[TOKEN.99]}", "${AWS::AccountId}")
FREE = {
    "prefix": ('prefix = "{}/"', "prefix"),
    "region": ('bucket_region = "{}"', "bucket_region"),
    "endpoint": ('endpoint = "https://{}"', "endpoint"),
    "consumer": ('consumers = {{ web = "ecs:main/{}" }}', "consumers.web"),
    "health": ('health = {{ web = "https://web.example/{}" }}', "health.web"),
    "alarm": ('key_rotation = {{ deletion_alarm = "{}" }}', "key_rotation.deletion_alarm"),
    "schedule": ('key_rotation = {{ schedule = "cron(0 3 {} * ? *)" }}', "key_rotation.schedule"),
    "hook": ('hooks = [{{ name = "{}" }}]', "hooks[1].name"),
    "hook's URL": ('hooks = [{{ url = "https://ci.example/{}" }}]', "hooks[1].url"),
    "hook's header": ('hooks = [{{ header = "{}" }}]', "hooks[1].header"),
    "hook's secret": ('hooks = [{{ secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:{}-Ab12Cd" }}]', "hooks[1].secret"),
    "reader": ('readers = ["arn:aws:iam::111122223333:role/{}"]', "readers[1]"),
}  # fmt: skip


@pytest.mark.parametrize("injected", INJECTED)
@pytest.mark.parametrize(("line", "key"), FREE.values(), ids=FREE)
def test_no_text_becomes_a_reference_in_a_template(folder: Folder, line: str, key: str, injected: str) -> None:
    problems = folder.problems(text(vault=line.format(injected)))
    assert any(problem.startswith(f"vaults[1] (acme_web/prod): {key}: ") for problem in problems)


@pytest.mark.parametrize("injected", INJECTED)
@pytest.mark.parametrize("key", ["repo", "env", "bucket"])
def test_no_name_becomes_a_reference_in_a_template(folder: Folder, key: str, injected: str) -> None:
    vault = {"repo": "acme_web", "env": "prod", "bucket": "vaults"} | {key: injected}
    lines = "".join(f'{name} = "{value}"\n' for name, value in vault.items())
    head = 'account = "111122223333"\nregion = "eu-central-1"\nprotect_reading = false\n'
    assert any(f" {key}: " in problem for problem in folder.problems(f"{head}[[vaults]]\n{lines}"))


plain = st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.dates() | st.times() | st.datetimes()
values = plain | st.lists(plain, max_size=2) | st.dictionaries(st.text(max_size=5), plain, max_size=2)
KEYS = (
    *(
        "account",
        "region",
        "stack_prefix",
        "admins",
        "protect_reading",
        "notifications",
        "slack",
        "network",
        "vaults",
        "repo",
    ),
    *(
        "env",
        "bucket",
        "prefix",
        "endpoint",
        "adopt",
        "consumers",
        "health",
        "hooks",
        "key_rotation",
        "passphrase_rotation",
    ),
    *(
        "schedule",
        "timezone",
        "window_minutes",
        "overlap_hours",
        "readers",
        "replica_regions",
        "rotation_stack",
        "kms_key",
    ),
)
tables = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), values, max_size=6)


def as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{as_toml(key)} = {as_toml(item)}' for key, item in value.items())}}}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def outcome(folder: Folder, content: str) -> Deployment | tuple[str, ...]:
    """What reading comes to; anything but a refusal is a failure of the test."""
    file = folder.path / "rubbish.toml"
    file.write_text(content, encoding="utf-8", errors="surrogatepass")
    try:
        return read(file)
    except DeploymentError as error:
        return error.problems


@settings(max_examples=60)
@given(tables, st.lists(tables, max_size=2))
def test_rubbish_in_toml_is_refused_line_by_line_and_never_breaks(
    folder: Folder, top: dict[str, object], vaults: list[object]
) -> None:
    lines = "".join(f"{as_toml(key)} = {as_toml(value)}\n" for key, value in (top | {"vaults": vaults}).items())
    problems = outcome(folder, lines)
    assert isinstance(problems, tuple)
    assert problems
    assert all(problem.isprintable() for problem in problems)


GOOD = text(
    top='[notifications]\nemail = ["a@example.com"]',
    vault='consumers = { web = "ecs:a/b" }\nkey_rotation = { schedule = "rate(90 days)" }',
)


@settings(max_examples=60)
@given(st.integers(0, len(GOOD)), st.integers(0, 3), st.text(max_size=3))
def test_a_good_file_with_a_slip_of_the_hand_never_breaks(folder: Folder, place: int, cut: int, typed: str) -> None:
    outcome(folder, GOOD[:place] + typed + GOOD[place + cut :])
