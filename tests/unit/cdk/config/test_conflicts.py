"""What two vaults must not share, in one file and across files."""

import pytest

from cdk.config.errors import DeploymentError
from cdk.config.reading import read_all, read_among
from tests.unit.cdk.config.files import OTHER_STORE, Folder, secret_arn, text

USER = "arn:aws:iam::111122223333:user/vaults/reader"
SECOND = "vaults[2] (acme_api/prod): "


def second(lines: str, named: str = 'repo = "acme_api"\nenv = "prod"', bucket: str = "acme-vaults") -> str:
    return f'[[vaults]]\n{named}\nbucket = "{bucket}"\n{lines}'


def within(mine: str, theirs: str, where: str = SECOND, other: str = "vaults[1] (acme_web/prod)") -> str:
    return (
        f'{where}prefix: "{mine}" and "{theirs}" of {other} lie one within the other in the same bucket, and the reader of '
        "the outer one could fetch the other's bundles; give each vault a prefix apart from the other's prefix and <repo>/<env>/"
    )


NAMED = 'repo = "acme_web"\nenv = "prod"'
BAD = {
    "a bucket in two regions": ("", second('bucket_region = "eu-west-1"'), f"{SECOND}bucket_region: is eu-west-1, and vaults[1] (acme_web/prod) has the same bucket in eu-central-1; correct one"),
    "the same vault": ("", second("", 'repo = "acme_web"\nenv = "prod"'), "vaults[2] (acme_web/prod): is the same as vaults[1] (acme_web/prod) (capitals do not count); remove one, or give it another repo or env"),
    "a vault that differs in capitals": ("", second("", 'repo = "Acme_Web"\nenv = "prod"', "another"), "vaults[2] (Acme_Web/prod): is the same as vaults[1] (acme_web/prod) (capitals do not count); remove one, or give it another repo or env"),
    "the same prefix": ('prefix = "a/"', second('prefix = "a/"'), within("a/", "a/")),
    "a prefix within": ('prefix = "a/"', second('prefix = "a/b/"'), within("a/b/", "a/")),
    "a prefix around": ('prefix = "a/b/"', second('prefix = "a/"'), within("a/", "a/b/")),
    "the whole bucket": ("", second('prefix = ""'), within("", "acme_web/prod/")),
    "where the vsync command pushes to": ('prefix = "a/"', second('prefix = "acme_web/prod/"'), within("acme_web/prod/", "acme_web/prod/")),
    "a repo within": ("", second("", 'repo = "acme_web/prod"\nenv = "eu"'), within("acme_web/prod/eu/", "acme_web/prod/", "vaults[2] (acme_web/prod/eu): ")),
    "the same place on another store": (OTHER_STORE + 'prefix = "a/"', second('endpoint = "https://Storage.example:443/"\nprefix = "a/"'), within("a/", "a/")),
    "the same place at another spelling of an address": ('endpoint = "https://[fd00::10]"\nprefix = "a/"', second('endpoint = "https://[FD00:0:0::10]/"\nprefix = "a/"'), within("a/", "a/")),
    "the same place at an address that IPv6 maps": ('endpoint = "https://10.0.0.1:9000"\nprefix = "a/"', second('endpoint = "https://[::ffff:a00:1]:09000"\nprefix = "a/"'), within("a/", "a/")),
    "a user adopted twice": (f'adopt = {{ reader_user = "{USER}" }}', second('adopt = { reader_user = "arn:aws:iam::111122223333:user/Reader" }'), f"{SECOND}adopt.reader_user: the user Reader is vaults[1] (acme_web/prod)'s too; each needs its own"),
    "a secret adopted twice": (f'adopt = {{ passphrase_secret = "{secret_arn("p")}" }}', second(f'adopt = {{ passphrase_secret = "{secret_arn("p")}" }}'), f"{SECOND}adopt.passphrase_secret: the secret p is vaults[1] (acme_web/prod)'s too; each needs its own"),
    "a secret adopted that another makes": ("", second(f'adopt = {{ passphrase_secret = "{secret_arn("acme_web/prod/VSYNC_PASSPHRASE")}" }}'), f"{SECOND}adopt.passphrase_secret: the secret acme_web/prod/VSYNC_PASSPHRASE is vaults[1] (acme_web/prod)'s too; each needs its own"),
    "a user of the same default name": ("", second("", 'repo = "acme_web-prod"\nenv = "eu"') + "\n" + second("", 'repo = "acme_web"\nenv = "prod-eu"'), "vaults[3] (acme_web/prod-eu): the user vsync-acme_web-prod-eu-reader is vaults[2] (acme_web-prod/eu)'s too; each needs its own"),
    "a bucket made twice": ("create_bucket = true", second("create_bucket = true"), f"{SECOND}create_bucket: the new bucket acme-vaults is vaults[1] (acme_web/prod)'s too; each needs its own"),
}  # fmt: skip


@pytest.mark.parametrize(("vault", "more", "line"), BAD.values(), ids=BAD)
def test_two_vaults_that_would_meet_are_refused(folder: Folder, vault: str, more: str, line: str) -> None:
    assert folder.problems(text(vault=vault, more=more)) == [line]


CONFIG, PASSPHRASE, WRITER = (f"acme_web/prod/VSYNC_{kind}" for kind in ("CONFIG", "PASSPHRASE", "WRITER"))


def hook(secret: str) -> str:
    lines = ('name = "deploy"', 'url = "https://ci.example/"', 'header = "X-Api-Key"', f'secret = "{secret}"')
    return "[[vaults.hooks]]\n" + "\n".join(lines)


def sent(whose: str, where: str) -> str:
    return f"{where}hooks[1].secret: is {whose} and would be sent to the hook; name a secret for this purpose"


@pytest.mark.parametrize("name", [CONFIG, PASSPHRASE])
def test_a_hook_is_never_sent_a_secret_of_its_own_vault(folder: Folder, name: str) -> None:
    assert folder.problems(text(more=hook(secret_arn(name)))) == [
        sent("the vault's own", "vaults[1] (acme_web/prod): ")
    ]


@pytest.mark.parametrize(
    ("vault", "secret"),
    [
        ("", secret_arn(CONFIG)),
        ("", secret_arn(PASSPHRASE)),
        (OTHER_STORE, secret_arn(WRITER)),
        (f'adopt = {{ passphrase_secret = "{secret_arn("p")}" }}', secret_arn("p")),
        (f'{OTHER_STORE}adopt = {{ writer_secret = "{secret_arn("w")}" }}', secret_arn("w")),
        # Without the six characters, on either side: Secrets Manager finds it all the same.
        (f'adopt = {{ passphrase_secret = "{secret_arn("web-secret")}" }}', secret_arn("web-secret")[:-7]),
        (f'adopt = {{ passphrase_secret = "{secret_arn("web-secret")[:-7]}" }}', secret_arn("web-secret")),
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["the vault first", "the hook first"])
def test_nor_of_any_other(folder: Folder, vault: str, secret: str, first: bool) -> None:
    if first:
        lines = folder.problems(text(vault=vault, more=second(hook(secret))))
        assert lines == [sent("vaults[1] (acme_web/prod)'s", SECOND)]
        return
    named = 'repo = "acme_api"\nenv = "prod"'
    lines = folder.problems(text(named=named, more=f"{hook(secret)}\n{second(vault, NAMED)}"))
    assert lines == [sent("vaults[2] (acme_web/prod)'s", "vaults[1] (acme_api/prod): ")]


def test_a_hook_with_a_secret_of_its_own_is_taken(folder: Folder) -> None:
    deployment = folder.read(text(more=f"{hook(secret_arn('ci/hook'))}\n{second(hook(secret_arn('ci/hook')))}"))
    assert [len(vault.hooks) for vault in deployment.vaults] == [1, 1]


def test_one_secret_cannot_be_both_of_a_vaults(folder: Folder) -> None:
    both = f'adopt = {{ config_secret = "{secret_arn("s")}", passphrase_secret = "{secret_arn("s")}", reader_user = "{USER}" }}'
    assert folder.problems(text(vault=both)) == [
        "vaults[1] (acme_web/prod): adopt.passphrase_secret: the secret s is its config secret as well; each needs its own"
    ]


@pytest.mark.parametrize(
    ("vault", "more"),
    [
        ("", second("")),
        ('prefix = "a/"', second('prefix = "ab/"')),
        ('prefix = ""', second('prefix = ""', bucket="another")),
        (OTHER_STORE + 'prefix = ""', second('endpoint = "https://storage.example:9000"\nprefix = ""')),
        (OTHER_STORE + 'prefix = ""', second('prefix = ""')),
        ("create_bucket = true", second("create_bucket = true", bucket="another")),
    ],
)
def test_vaults_that_do_not_meet_are_taken(folder: Folder, vault: str, more: str) -> None:
    assert len(folder.read(text(vault=vault, more=more)).vaults) == 2


def test_a_vault_with_another_problem_is_compared_all_the_same(folder: Folder) -> None:
    lines = folder.problems(text(vault='zzz = 1\nprefix = "a/"', more=second('tracing = 1\nprefix = "a/"')))
    assert within("a/", "a/") in lines
    assert len(lines) == 3


def across(own_folder: Folder, **contents: str) -> list[str]:
    for name, content in contents.items():
        own_folder.write(content, name)
    with pytest.raises(DeploymentError) as caught:
        read_all(own_folder.path)
    return [line.replace(f"{own_folder.path}/", "") for line in caught.value.problems]


OTHER_NAMES = 'stack_prefix = "other"'
OTHER_ACCOUNT = ("111122223333", "444455556666")


def test_every_file_of_a_folder_is_read_in_the_order_of_their_names(own_folder: Folder) -> None:
    own_folder.write(text(), "b")
    own_folder.write(
        text(vault='bucket_region = "eu-central-1"').replace(*OTHER_ACCOUNT).replace("acme-vaults", "others"), "a"
    )
    (own_folder.path / "notes.txt").write_text("no deployment", encoding="utf-8")
    assert [deployment.name for deployment in read_all(own_folder.path)] == ["a", "b"]


def test_a_folder_without_files_says_what_to_do(own_folder: Folder) -> None:
    assert across(own_folder) == [
        f"{own_folder.path}: has no deployment file; copy example.toml and describe your account in it"
    ]


def test_the_default_secret_of_one_kind_is_not_adopted_as_another(folder: Folder) -> None:
    adopt = f'adopt = {{ passphrase_secret = "{secret_arn(CONFIG)}" }}'
    assert folder.problems(text(vault=adopt)) == [
        f"vaults[1] (acme_web/prod): adopt.passphrase_secret: the secret {CONFIG} is its config secret as well; each needs its own"
    ]


def test_the_problems_of_all_files_are_told_together(own_folder: Folder) -> None:
    assert across(own_folder, a=text(top="zzz = 1"), b=text(top="tracing = 1"), c="=") == [
        f"a.toml: zzz: unknown key; known here are {', '.join(TOP_KEYS)}",
        "b.toml: tracing: is an integer; write true or false",
        "c.toml: is no TOML: Invalid statement (at line 1, column 1); correct it there, example.toml shows how",
    ]


TOP_KEYS = (
    *("account", "region", "stack_prefix", "protect_reading", "network", "vaults", "admins", "notifications"),
    *(
        "permissions_boundary",
        "kms_key",
        "architecture",
        "log_retention_days",
        "tracing",
        "per_vault_metrics",
        "removal_policy",
    ),
)


def test_two_files_must_not_name_their_roles_alike(own_folder: Folder) -> None:
    """IAM's names are the account's: another region does not help."""
    elsewhere = (
        text(named='repo = "acme_api"\nenv = "prod"')
        .replace("eu-central-1", "eu-west-1")
        .replace("acme-vaults", "others")
    )
    assert across(own_folder, a=text(), b=elsewhere) == [
        (
            "b.toml: stack_prefix: is vsync-rotation in a.toml too, for the same account, and roles are named after it; "
            "choose another one for either file"
        )
    ]


def test_two_files_must_not_describe_one_vault(own_folder: Folder) -> None:
    assert across(own_folder, a=text(), b=text(top=OTHER_NAMES)) == [
        (
            "b.toml: vaults[1] (acme_web/prod): is the same as a.toml: vaults[1] (acme_web/prod) (capitals do not count); "
            "remove one, or give it another repo or env"
        )
    ]


def test_two_regions_of_an_account_share_its_users(own_folder: Folder) -> None:
    elsewhere = text(top=OTHER_NAMES).replace("eu-central-1", "eu-west-1").replace("acme-vaults", "others")
    assert across(own_folder, a=text(), b=elsewhere) == [
        (
            "b.toml: vaults[1] (acme_web/prod): the user vsync-acme_web-prod-reader is a.toml: vaults[1] (acme_web/prod)'s too; "
            "each needs its own"
        )
    ]


def test_two_accounts_share_buckets_but_no_place_in_them(own_folder: Folder) -> None:
    other = text(named='repo = "acme_api"\nenv = "prod"').replace(*OTHER_ACCOUNT)
    own_folder.write(text(), "a")
    own_folder.write(other, "b")
    assert len(read_all(own_folder.path)) == 2
    assert across(own_folder, b=text().replace(*OTHER_ACCOUNT)) == [
        within(
            "acme_web/prod/",
            "acme_web/prod/",
            "b.toml: vaults[1] (acme_web/prod): ",
            "a.toml: vaults[1] (acme_web/prod)",
        )
    ]


def test_a_hook_is_sent_no_secret_of_another_file(own_folder: Folder) -> None:
    calling = text(top=OTHER_NAMES, named='repo = "acme_api"\nenv = "prod"', more=hook(secret_arn(PASSPHRASE)))
    whose = sent("a.toml: vaults[1] (acme_web/prod)'s", "b.toml: vaults[1] (acme_api/prod): ")
    assert across(own_folder, a=text(), b=calling) == [whose]
    for name in ("a", "b"):
        with pytest.raises(DeploymentError) as caught:
            read_among(own_folder.path / f"{name}.toml")
        assert [line.replace(f"{own_folder.path}/", "") for line in caught.value.problems] == [whose]


def test_two_files_of_an_account_must_not_share_a_channel(own_folder: Folder) -> None:
    """Whatever the region. Another account has its own, and a region of its own has another channel."""
    slack = '[notifications.slack]\nworkspace_id = "T0"\nchannel_id = "C{}"\n'

    def other(channel: int) -> str:
        file = text(top=f"{OTHER_NAMES}\n{slack.format(channel)}", named='repo = "acme_api"\nenv = "prod"')
        return file.replace("eu-central-1", "eu-west-1").replace("acme-vaults", "others")

    assert across(own_folder, a=text(top=slack.format(0)), b=other(0)) == [
        (
            "b.toml: notifications.slack: is the channel of a.toml too, and an account can configure a channel once; "
            "choose another channel for either file, or remove the table from one"
        )
    ]
    own_folder.write(other(1), "b")
    assert len(read_all(own_folder.path)) == 2
    own_folder.write(other(0).replace(*OTHER_ACCOUNT), "b")
    assert len(read_all(own_folder.path)) == 2


def test_one_file_is_compared_with_those_beside_it(own_folder: Folder) -> None:
    """Whichever comes first by its name, the file that was asked for is the one that is refused."""
    own_folder.write(text(), "a")
    own_folder.write(text(top=OTHER_NAMES), "b")
    for name, other in (("a", "b"), ("b", "a")):
        with pytest.raises(DeploymentError) as caught:
            read_among(own_folder.path / f"{name}.toml")
        assert [line.replace(f"{own_folder.path}/", "") for line in caught.value.problems] == [
            (
                f"{name}.toml: vaults[1] (acme_web/prod): is the same as {other}.toml: vaults[1] (acme_web/prod) "
                "(capitals do not count); remove one, or give it another repo or env"
            )
        ]


def test_what_others_claim_of_each_other_is_no_matter_of_this_file(own_folder: Folder) -> None:
    own_folder.write(text(), "a")
    own_folder.write(text(), "b")
    own_folder.write(text().replace(*OTHER_ACCOUNT).replace("acme-vaults", "others"), "c")
    deployment, cautions = read_among(own_folder.path / "c.toml")
    assert (deployment.name, cautions) == ("c", ())


def test_a_bad_file_beside_it_is_told_and_stops_nobody(own_folder: Folder) -> None:
    own_folder.write("=", "a")
    own_folder.write(text(), "b")
    deployment, cautions = read_among(own_folder.path / "b.toml")
    assert deployment.name == "b"
    assert [line.replace(f"{own_folder.path}/", "") for line in cautions] == [
        "a.toml: is not good, so that b.toml was not compared with it; make synth says why"
    ]


def test_the_example_claims_nothing_beside_a_file_that_was_copied_from_it(own_folder: Folder) -> None:
    own_folder.write(text(), "example")
    assert [deployment.name for deployment in read_all(own_folder.path)] == ["example"]
    own_folder.write(text(), "production")
    assert [deployment.name for deployment in read_all(own_folder.path)] == ["production"]
    assert read_among(own_folder.path / "production.toml")[1] == ()
