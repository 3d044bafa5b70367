"""`vsync-rotation seed`: values for secrets that have none, all of them checked before the first is written."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from simulator import faults
from simulator.laptop import Laptop
from simulator.vault_bytes import Blob
from simulator.vaults import FIRST_PASSPHRASE, Layout, Vault, make_vault
from simulator.world import World
from tests.e2e.operators import Operator, Person, Ran, emptied, vault_table

OTHER_PASSPHRASE = "not-the-passphrase-of-this-vault"
SALT = "a-salt-of-24-characters."


@pytest.fixture
def vault(world: World) -> Vault:
    return make_vault(world, Layout.RUNTIME)


def seed(operator: Operator, file: str, *options: str, given: bytes | Person | None = None) -> Ran:
    return operator.run("seed", "--deployment", file, *options, given=given)


def interrupt() -> None:
    raise KeyboardInterrupt


def values_of(vault_id: str, **values: Any) -> bytes:
    return json.dumps({vault_id: values}).encode()


def test_a_person_gives_blob_and_passphrase_and_an_application_boots(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    person = Person(unseen=(blob, passphrase), seen=("y",))
    ran = seed(operator, operator.file(vault_table(vault)), given=person)
    assert (ran.status, ran.err) == (0, "")
    assert person.has_said_everything
    assert vault.boot().values["GREETING"] == "hello"
    assert "the passphrase opens the vault" in ran.out
    assert f"a blob with access key {vault.blob()['accessKeyId']}" in ran.out


def test_the_first_version_carries_awscurrent_and_no_label_of_ours(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    seed(operator, operator.file(vault_table(vault)), given=Person(unseen=(blob, passphrase), seen=("y",)))
    assert list(operator.labels(vault.config_secret).values()) == [["AWSCURRENT"]]


def test_a_second_run_has_nothing_to_do_and_writes_nothing(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    file = operator.file(vault_table(vault))
    seed(operator, file, given=Person(unseen=(blob, passphrase), seen=("y",)))
    written = operator.writes()
    ran = seed(operator, file)
    assert (ran.status, ran.out) == (0, "nothing to do: every secret that the stacks made has a value\n")
    assert operator.writes() == written


def test_only_what_is_missing_is_asked_for(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    file = operator.file(vault_table(vault))
    operator.world.client("secretsmanager").put_secret_value(SecretId=vault.config_secret, SecretString=blob)
    person = Person(unseen=(passphrase,), seen=("y",))
    ran = seed(operator, file, given=person)
    assert (ran.status, person.has_said_everything) == (0, True)
    assert vault.config() == blob


def test_values_come_from_a_file_or_from_standard_input(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    file = operator.file(vault_table(vault))
    first = seed(operator, file, "--yes", "--from", operator.values(json.dumps({"acme_web/prod": {"config": blob}})))
    assert first.status == 2
    assert "none is given as passphrase" in first.err
    both = values_of("acme_web/prod", config=blob + "\n", passphrase=passphrase)
    ran = seed(operator, file, "--yes", "--from", "-", given=both)
    assert (ran.status, ran.err) == (0, "")
    assert (vault.config(), vault.passphrase()) == (blob, passphrase)


def test_a_salt_is_enough_for_a_location_the_rest_is_in_the_deployment_file(operator: Operator, vault: Vault) -> None:
    emptied(vault)
    operator.world.client("secretsmanager").put_secret_value(SecretId=vault.passphrase_secret, SecretString="opens-it")
    person = Person(unseen=("",), seen=(SALT, "", "yes"))
    ran = seed(operator, operator.file(vault_table(vault)), given=person)
    assert (ran.status, ran.err) == (0, "")
    assert json.loads(vault.config()) == {
        "v": 1,
        "endpoint": "https://s3.eu-central-1.amazonaws.com",
        "region": "eu-central-1",
        "bucket": vault.bucket,
        "prefix": vault.prefix,
        "env": "prod",
        "salt": SALT,
        "iterations": 600_000,
    }


def test_a_vault_on_another_store_needs_its_blob_and_a_writer(operator: Operator, world: World) -> None:
    manager = world.client("secretsmanager")
    names = [f"edge/prod/VSYNC_{kind}" for kind in ("CONFIG", "PASSPHRASE", "WRITER")]
    for name in names:
        manager.create_secret(Name=name)
    file = operator.file(
        '[[vaults]]\nrepo = "edge"\nenv = "prod"\nbucket = "vaults"\nbucket_region = "auto"\n'
        'endpoint = "https://store.example.com"\n'
    )
    location = {"salt": SALT}
    writer = {"AWS_ACCESS_KEY_ID": "WRITERKEYID000000000", "AWS_SECRET_ACCESS_KEY": "the-writers-secret-access-key"}
    given = values_of("edge/prod", config=location, passphrase="opens-the-edge", writer=writer)
    ran = seed(operator, file, "--yes", "--from", "-", given=given)
    assert ran.status == 2
    assert "give the blob" in ran.err
    assert [operator.labels(name) for name in names] == [{}, {}, {}]


def test_a_blob_of_another_place_is_refused_and_nothing_is_written(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    elsewhere = Blob({**Blob.decode(blob).fields, "bucket": "another-bucket"}).encode()
    before = operator.writes()
    given = values_of("acme_web/prod", config=elsewhere, passphrase=passphrase)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    assert ran.status == 2
    assert "bucket is 'another-bucket', the deployment file says 'vault-bucket'" in ran.err
    assert operator.writes() == before


def test_a_blob_with_another_users_key_is_refused(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    iam = operator.world.client("iam")
    iam.create_user(UserName="somebody")
    key = iam.create_access_key(UserName="somebody")["AccessKey"]
    fields = {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}
    foreign = Blob({**Blob.decode(blob).fields, **fields}).encode()
    before = operator.writes()
    given = values_of("acme_web/prod", config=foreign, passphrase=passphrase)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    assert ran.status == 2
    assert "belongs to user somebody, not to vsync-acme_web-prod-reader" in ran.err
    assert operator.writes() == before


def test_a_blob_whose_key_is_gone_is_stored_and_said(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    key = Blob.decode(blob)["accessKeyId"]
    operator.world.client("iam").delete_access_key(UserName=vault.iam_user, AccessKeyId=key)
    ran = seed(operator, operator.file(vault_table(vault)), given=Person(unseen=(blob, passphrase), seen=("y",)))
    assert ran.status == 0
    assert f"access key {key} of the blob does not exist in this account" in ran.out
    assert "Write these 2 values, the passphrase untried? [y/N]" in ran.out


@pytest.mark.parametrize(
    ("passphrase", "told"),
    [(FIRST_PASSPHRASE + "\n", "white space or a line end"), (OTHER_PASSPHRASE, "does not open the vault")],
)
def test_a_passphrase_that_cannot_be_the_vaults_is_refused_and_nothing_is_written(
    operator: Operator, vault: Vault, passphrase: str, told: str
) -> None:
    blob, _ = emptied(vault)
    operator.world.secrets.add(passphrase)
    before = operator.writes()
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    assert ran.status == 2
    assert told in ran.err
    assert operator.writes() == before


def test_a_wrong_value_typed_is_asked_for_again_and_three_are_the_end(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    file = operator.file(vault_table(vault))
    mended = Person(unseen=(passphrase, blob, passphrase), seen=("n",))
    ran = seed(operator, file, given=mended)
    assert (ran.status, mended.has_said_everything) == (1, True)
    assert "neither a blob (vsync-cfg-v1:...) nor a location" in ran.out
    hopeless = seed(operator, file, given=Person(unseen=(passphrase,) * 3))
    assert hopeless.status == 2
    assert operator.labels(vault.config_secret) == {}


def test_a_no_writes_nothing(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    ran = seed(operator, operator.file(vault_table(vault)), given=Person(unseen=(blob, passphrase), seen=("",)))
    assert ran.status == 1
    assert ran.out.endswith("nothing was written\n")
    assert operator.labels(vault.config_secret) == operator.labels(vault.passphrase_secret) == {}


def test_a_dry_run_says_what_would_be_asked_and_asks_nothing(operator: Operator, vault: Vault) -> None:
    emptied(vault)
    ran = seed(operator, operator.file(vault_table(vault)), "--dry-run")
    assert ran.status == 0
    assert ran.out == (
        "acme_web/prod: would ask for the config of secret acme_web/prod/VSYNC_CONFIG\n"
        "acme_web/prod: would ask for the passphrase of secret acme_web/prod/VSYNC_PASSPHRASE\n"
        "dry run: nothing was written\n"
    )
    assert operator.labels(vault.config_secret) == {}


def test_without_a_terminal_nobody_is_asked(operator: Operator, vault: Vault) -> None:
    emptied(vault)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", given=b"")
    assert ran.status == 2
    assert (ran.out + ran.err).count("there is no terminal to ask at") == 1
    assert ran.err.endswith("nothing was written\n")


def test_values_without_consent_are_not_written(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    assert seed(operator, operator.file(vault_table(vault)), "--from", "-", given=given).status == 2
    assert operator.labels(vault.config_secret) == {}


def test_a_value_given_for_a_secret_that_has_one_is_not_used(operator: Operator, vault: Vault) -> None:
    blob, _ = emptied(vault)
    operator.world.client("secretsmanager").put_secret_value(
        SecretId=vault.passphrase_secret, SecretString=OTHER_PASSPHRASE
    )
    given = values_of("acme_web/prod", config=blob, passphrase=FIRST_PASSPHRASE)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    assert ran.status == 0
    assert "the passphrase given is not used" in ran.out
    assert vault.passphrase() == OTHER_PASSPHRASE


def test_secrets_that_are_not_there_are_all_named_with_their_stack(operator: Operator, vault: Vault) -> None:
    manager = operator.world.client("secretsmanager")
    for secret in (vault.config_secret, vault.passphrase_secret):
        manager.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes")
    assert (ran.status, ran.err.count("\n")) == (1, 2)
    assert "stack rota-vault-acme-web-prod-" in ran.err
    assert ran.err.endswith("make deploy DEPLOYMENT=production\n")


def test_a_secret_that_is_to_be_deleted_is_refused(operator: Operator, vault: Vault) -> None:
    operator.world.client("secretsmanager").delete_secret(SecretId=vault.config_secret)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes")
    assert ran.status == 1
    assert "restore-secret brings it back" in ran.err


def test_credentials_of_another_account_are_refused_before_anything_is_asked(operator: Operator, vault: Vault) -> None:
    emptied(vault)
    file = operator.file(vault_table(vault))
    path = operator.folder / "production.toml"
    path.write_text(path.read_text().replace("123456789012", "210987654321"))
    ran = seed(operator, file, "--yes")
    assert (ran.status, ran.out) == (1, "")
    assert "these credentials are of account 123456789012, production is for account 210987654321" in ran.err


def test_a_bad_deployment_file_is_told_line_by_line(operator: Operator) -> None:
    ran = seed(operator, operator.file(head='acount = "1"\nrestion = "x"\n'))
    assert ran.status == 2
    assert ran.err.count("\n") >= 2
    assert all(line.startswith("vsync-rotation seed: ") for line in ran.err.splitlines())


def test_more_vaults_than_their_rotation_stack_holds_are_refused(operator: Operator) -> None:
    table = '[[vaults]]\nrepo = "r{0}"\nenv = "prod"\nbucket = "vaults"\nrotation_stack = 1\n'
    ran = seed(operator, operator.file(*(table.format(number) for number in range(11))))
    assert ran.status == 2
    assert "rotation_stack = 1 is chosen by 11 vaults" in ran.err


def test_a_deployment_or_vault_that_is_not_there_is_told(operator: Operator, vault: Vault) -> None:
    assert "there is no deployment file" in seed(operator, "no_such_deployment").err
    ran = seed(operator, operator.file(vault_table(vault)), "--vault", "acme_web/test")
    assert (ran.status, ran.err) == (
        2,
        "vsync-rotation seed: production has no vault acme_web/test; it has acme_web/prod\n",
    )


def test_somebody_elses_value_that_comes_first_stands(operator: Operator, vault: Vault) -> None:
    """They store theirs after we looked and before we write: the service itself must decide."""
    blob, passphrase = emptied(vault)
    manager = operator.world.client("secretsmanager")
    theirs = "stored-by-somebody-else-first"

    choice = faults.nth(1, faults.operation("secretsmanager:PutSecretValue"))
    race = faults.meanwhile(choice, lambda: manager.put_secret_value(SecretId=vault.config_secret, SecretString=theirs))
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    with operator.world.watched_by(race):
        ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    assert ran.status == 1
    assert "got another value meanwhile" in ran.err
    assert vault.config() == theirs
    assert list(operator.labels(vault.config_secret).values()) == [["AWSCURRENT"]]


def test_a_version_that_a_too_early_rotation_left_is_no_value(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    operator.world.begin_rotation(vault.config_secret)
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    assert (ran.status, ran.err) == (0, "")
    assert vault.config() == blob


@pytest.mark.parametrize("operation", ["PutSecretValue", "UpdateSecretVersionStage"])
def test_a_run_that_is_cut_off_anywhere_is_gone_on_with(operator: Operator, vault: Vault, operation: str) -> None:
    blob, passphrase = emptied(vault)
    file = operator.file(vault_table(vault))
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    with operator.world.watched_by(faults.deny(faults.operation(f"secretsmanager:{operation}"))):
        assert seed(operator, file, "--yes", "--from", "-", given=given).status == 1
    ran = seed(operator, file, "--yes", "--from", "-", given=given)
    assert ran.status == 0
    assert vault.boot().values["GREETING"] == "hello"
    for secret in (vault.config_secret, vault.passphrase_secret):
        assert list(operator.labels(secret).values()) == [["AWSCURRENT"]]


def test_a_vault_that_was_never_pushed_is_seeded_and_said(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    s3 = operator.world.client("s3")
    for key in vault.objects():
        s3.delete_object(Bucket=vault.bucket, Key=key)
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    assert ran.status == 0
    assert "there is no vault in the bucket yet" in ran.out


def nothing_written(operator: Operator, vault: Vault, ran: Ran, status: int) -> str:
    """What was said, once it is sure that nothing was written."""
    assert ran.status == status
    assert ran.err.endswith("vsync-rotation seed: nothing was written\n")
    assert operator.labels(vault.config_secret) == operator.labels(vault.passphrase_secret) == {}
    return ran.err


def test_a_bucket_that_cannot_be_read_leaves_it_to_a_person_whether_to_store_an_untried_passphrase(
    operator: Operator, vault: Vault
) -> None:
    blob, passphrase = emptied(vault)
    file = operator.file(vault_table(vault))
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    with operator.world.watched_by(faults.deny(faults.operation("s3:GetObject"))):
        told = nothing_written(operator, vault, seed(operator, file, "--yes", "--from", "-", given=given), 1)
        person = seed(operator, file, given=Person(unseen=(blob, passphrase), seen=("y",)))
    assert "acme_web/prod: the passphrase was not tried: " in told
    assert "--yes stores no passphrase that was not tried" in told
    assert person.status == 0
    assert person.out.index("the passphrase was not tried") < person.out.index("the passphrase untried? [y/N]")
    assert vault.passphrase() == passphrase


@pytest.mark.parametrize("fault", [faults.throttle, faults.lose_request, faults.fail_inside])
def test_a_store_that_does_not_answer_refuses_the_passphrase_it_could_not_try(
    operator: Operator, vault: Vault, fault: Callable[[faults.Choice], faults.Fault]
) -> None:
    blob, passphrase = emptied(vault)
    file = operator.file(vault_table(vault))
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    with operator.world.watched_by(fault(lambda request: request.service == "s3")):
        told = nothing_written(operator, vault, seed(operator, file, "--yes", "--from", "-", given=given), 1)
        typed = seed(operator, file, given=Person(unseen=(blob, passphrase), seen=("y",)))
    assert "the passphrase was not tried: " in told
    assert "do this again once it answers" in told
    assert "do this again once it answers" in nothing_written(operator, vault, typed, 1)
    assert seed(operator, file, "--yes", "--from", "-", given=given).status == 0


def test_a_passphrase_that_opens_one_layout_is_tried_although_the_other_has_lost_its_pointer(
    operator: Operator, world: World
) -> None:
    vault = make_vault(world, Layout.BOTH)
    blob, passphrase = emptied(vault)
    world.client("s3").delete_object(Bucket=vault.bucket, Key="acme_web/prod/latest")
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    assert ran.status == 0
    assert "the bucket holds bundles but no good pointer" in ran.out


DRESSED = ["VSYNC_PASSPHRASE={0}", 'VSYNC_PASSPHRASE="{0}"', "export VSYNC_PASSPHRASE={0}", '"{0}"', "'{0}'"]


@pytest.mark.parametrize("dress", DRESSED)
@pytest.mark.parametrize("pushed", [True, False])
def test_a_passphrase_from_an_env_file_is_refused_with_what_to_give(
    operator: Operator, vault: Vault, dress: str, pushed: bool
) -> None:
    blob, passphrase = emptied(vault)
    for key in () if pushed else vault.objects():
        operator.world.client("s3").delete_object(Bucket=vault.bucket, Key=key)
    given = values_of("acme_web/prod", config=blob, passphrase=dress.format(passphrase))
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    told = nothing_written(operator, vault, ran, 2)
    assert "give what stands behind the =, without quotes" in told


def test_a_passphrase_that_only_looks_like_one_from_an_env_file_is_stored(operator: Operator, vault: Vault) -> None:
    blob, _ = emptied(vault)
    passphrase = "VSYNC_PASSPHRASE=chosen-by-somebody-odd"
    assert isinstance(vault.laptop, Laptop)
    replace(vault.laptop, passphrase=passphrase).publish("20260101-000001", {"GREETING": "hello"})
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    ran = seed(operator, operator.file(vault_table(vault)), "--yes", "--from", "-", given=given)
    assert (ran.status, vault.passphrase()) == (0, passphrase)


def test_a_typed_passphrase_that_does_not_open_the_vault_is_asked_for_again(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    operator.world.secrets.add(OTHER_PASSPHRASE)
    file = operator.file(vault_table(vault))
    mended = Person(unseen=(blob, OTHER_PASSPHRASE, blob, passphrase), seen=("y",))
    hopeless = seed(operator, file, given=Person(unseen=(blob, OTHER_PASSPHRASE) * 3))
    assert "the passphrase does not open the vault" in nothing_written(operator, vault, hopeless, 2)
    ran = seed(operator, file, given=mended)
    assert (ran.status, mended.has_said_everything, vault.passphrase()) == (0, True, passphrase)
    assert ran.out.count("acme_web/prod: once more, all of it") == 1


def test_what_is_typed_for_one_vault_is_stored_before_the_next_is_asked_for(
    operator: Operator, world: World, vault: Vault
) -> None:
    other = make_vault(world, Layout.RUNTIME, repo="acme_api")
    first, second = emptied(vault), emptied(other)
    world.secrets.add(OTHER_PASSPHRASE)
    file = operator.file(vault_table(vault), vault_table(other))
    person = Person(unseen=(*first, *(second[0], OTHER_PASSPHRASE) * 3), seen=("y",))
    ran = seed(operator, file, given=person)
    assert (ran.status, person.has_said_everything) == (2, True)
    assert (vault.config(), vault.passphrase()) == first
    assert operator.labels(other.config_secret) == {}
    stored = "stored already: config of acme_web/prod in acme_web/prod/VSYNC_CONFIG, passphrase of acme_web/prod in "
    assert stored in ran.err
    assert ran.err.endswith("; the same command goes on with what is missing\n")
    assert seed(operator, file, given=Person(unseen=second, seen=("y",))).status == 0


FIRST_VALUE = "config of acme_web/prod in acme_web/prod/VSYNC_CONFIG"
SECOND_VALUE = "passphrase of acme_web/prod in acme_web/prod/VSYNC_PASSPHRASE"


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (1, f"seed: stored or not: {FIRST_VALUE}; the same command goes on"),
        (2, f"seed: stored already: {FIRST_VALUE}; stored or not: {SECOND_VALUE}; the same command goes on"),
    ],
)
def test_an_interruption_says_what_is_stored(operator: Operator, vault: Vault, at: int, told: str) -> None:
    blob, passphrase = emptied(vault)
    file = operator.file(vault_table(vault))
    given = values_of("acme_web/prod", config=blob, passphrase=passphrase)
    ctrl_c = faults.afterwards(faults.nth(at, faults.operation("secretsmanager:PutSecretValue")), interrupt)
    with operator.world.watched_by(ctrl_c):
        ran = seed(operator, file, "--yes", "--from", "-", given=given)
    assert (ran.status, ran.err.count("\n")) == (130, 1)
    assert told in ran.err
    assert seed(operator, file, "--yes", "--from", "-", given=given).status == 0
    assert (vault.config(), vault.passphrase()) == (blob, passphrase)


def test_an_interruption_at_a_prompt_says_that_nothing_is_written(operator: Operator, vault: Vault) -> None:
    emptied(vault)

    class Leaves(Person):
        def types_unseen(self, _prompt: str = "") -> str:
            raise KeyboardInterrupt

    ran = seed(operator, operator.file(vault_table(vault)), given=Leaves())
    nothing_written(operator, vault, ran, 130)


def test_json_over_several_lines_at_the_prompt_is_told_to_be_one(operator: Operator, vault: Vault) -> None:
    blob, passphrase = emptied(vault)
    person = Person(unseen=("{", blob, passphrase), seen=("y",))
    ran = seed(operator, operator.file(vault_table(vault)), given=person)
    assert ran.status == 0
    assert "this is the first line of JSON, and a prompt takes one line: give it as one, or with --from FILE" in ran.out


def test_one_bad_vault_keeps_all_others_unwritten(operator: Operator, world: World, vault: Vault) -> None:
    other = make_vault(world, Layout.RUNTIME, repo="acme_api")
    good, bad = emptied(vault), emptied(other)
    assert isinstance(other.laptop, Laptop)
    file = operator.file(vault_table(vault), vault_table(other))
    document = {
        "acme_web/prod": {"config": good[0], "passphrase": good[1]},
        "acme_api/prod": {"config": bad[0], "passphrase": OTHER_PASSPHRASE},
    }
    ran = seed(operator, file, "--yes", "--from", "-", given=json.dumps(document).encode())
    assert ran.status == 2
    assert operator.labels(vault.config_secret) == {}
    alone = seed(
        operator, file, "--yes", "--vault", "acme_web/prod", "--from", "-", given=json.dumps(document).encode()
    )
    assert alone.status == 0
    assert "note: acme_api/prod: the config given is not used; --vault names others" in alone.out
    assert (vault.config(), operator.labels(other.config_secret)) == (good[0], {})
