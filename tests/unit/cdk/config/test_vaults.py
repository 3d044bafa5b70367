"""What a deployment file says about a vault: defaults, adoption, stores, and every refusal in one line."""

import pytest

from cdk import names
from cdk.config import default_names
from cdk.config.applications import MOST_APPLICATIONS
from cdk.config.model import Adopted, Consumer, Hook, Made, Store
from cdk.secret_tags import config_secret_tags, passphrase_secret_tags
from tests.unit.cdk.config.files import HERE, OTHER_STORE, Folder, secret_arn, text

USER = "arn:aws:iam::111122223333:user/vaults/reader"
ROLE = "arn:aws:iam::111122223333:role/web"
KEY = f"arn:aws:kms:{HERE}:key/00000000-0000-0000-0000-00000000000a"
WHERE = "vaults[1] (acme_web/prod): "
HOOK = '[[vaults.hooks]]\nname = "deploy"\nurl = "https://ci.example/hooks/%C3%BC"\nheader = "X-Api-Key"\n'
PLACE = "write where the vault lies in the bucket, such as acme_web/prod/"
ENDPOINT = "write https://<host>[:<port>], such as https://storage.example"
NOT_S3 = "is a host of AWS and not S3's own; write https://s3.<region>.amazonaws.com, without the bucket"
LINK_LOCAL = f"is a link-local address, where machines find their own credentials and no store; {ENDPOINT}"
HOOK_URL = (
    "write https://<host>[:<port>]/<path> without user, query or fragment; what proves who calls goes into the header"
)
TAKEN = "is a header that HTTP or the sender needs for itself; write another, such as Authorization"
NO_SECRET = (
    f"is no full ARN of a secret; write arn:aws:secretsmanager:{HERE}:secret:<name>-<its last six characters>; "
    "no value of a secret belongs in this file: if you pasted one, rotate it"
)
URL = "write https://<host>[:<port>]/<path> without user, query or fragment, 256 characters at most"


def test_a_vault_that_says_the_least_is_made_whole_on_s3(folder: Folder) -> None:
    (vault,) = folder.read(text()).vaults
    assert (vault.repo, vault.env, vault.id) == ("acme_web", "prod", "acme_web/prod")
    assert vault.store == Store(
        bucket="acme-vaults",
        prefix="acme_web/prod/",
        region="eu-central-1",
        endpoint="https://s3.eu-central-1.amazonaws.com",
        is_aws=True,
        create=False,
        kms_key=None,
    )
    assert vault.config_secret == Made("acme_web/prod/VSYNC_CONFIG")
    assert vault.passphrase_secret == Made("acme_web/prod/VSYNC_PASSPHRASE")
    assert vault.reader == Made("vsync-acme_web-prod-reader")
    assert vault.writer_secret is None
    assert vault.key is not None
    assert (vault.key.schedule, vault.key.overlap_hours, vault.key.deletion_alarm) == (None, None, None)
    assert (vault.passphrase.schedule, vault.passphrase.heal, vault.passphrase.keep_bundles) == (None, False, None)
    assert (vault.consumers, vault.health, vault.readers, vault.hooks) == ((), (), (), ())
    assert (vault.replica_regions, vault.rotation_stack) == ((), None)


def test_the_default_place_is_where_the_vsync_command_pushes_to(folder: Folder) -> None:
    """It writes the environment in small letters, whatever it is called."""
    (vault,) = folder.read(text(named='repo = "acme/web"\nenv = "Prod"')).vaults
    assert (vault.id, vault.store.prefix, vault.prefixes) == ("acme/web/Prod", "acme/web/prod/", ("acme/web/prod/",))


def test_everything_that_is_said_of_a_vault_is_taken(folder: Folder) -> None:
    (vault,) = folder.read(
        text(
            vault=f"""
prefix = ""
bucket_region = "eu-west-1"
bucket_kms_key = "arn:aws:kms:eu-west-1:444455556666:key/mrk-{"1" * 32}"
readers = ["{ROLE}", "{USER}"]
consumers = {{ worker = "lambda:worker", "web.v2" = "ecs:main/web" }}
health = {{ web = "https://web.example/health" }}
replica_regions = ["eu-west-1"]
rotation_stack = 2
passphrase_rotation = {{ heal = true, keep_bundles = 0, repair_seal = true }}
key_rotation = {{ overlap_hours = 0.5, max_overlap_hours = 48, inactive_hours = 0, deletion_alarm = "web errors" }}
{HOOK}secret = "{secret_arn("ci")}"
"""
        )
    ).vaults
    assert vault.prefixes == ("", "acme_web/prod/")
    assert (vault.store.region, vault.store.endpoint) == ("eu-west-1", "https://s3.eu-west-1.amazonaws.com")
    assert vault.store.kms_key == f"arn:aws:kms:eu-west-1:444455556666:key/mrk-{'1' * 32}"
    assert vault.readers == (ROLE, USER)
    assert vault.consumers == (Consumer("web.v2", "ecs", "main/web"), Consumer("worker", "lambda", "worker"))
    assert vault.health == (("web", "https://web.example/health"),)
    assert (vault.replica_regions, vault.rotation_stack) == (("eu-west-1",), 2)
    assert (vault.passphrase.heal, vault.passphrase.keep_bundles, vault.passphrase.repair_seal) == (True, 0, True)
    assert vault.key is not None
    assert (vault.key.overlap_hours, vault.key.max_overlap_hours, vault.key.inactive_hours) == (0.5, 48, 0)
    assert vault.key.deletion_alarm == "web errors"
    assert vault.hooks == (Hook("deploy", "https://ci.example/hooks/%C3%BC", "X-Api-Key", secret_arn("ci")),)


def test_what_is_named_is_adopted_and_the_rest_is_made(folder: Folder) -> None:
    adopt = f'adopt = {{ config_secret = "{secret_arn("api/config")}", reader_user = "{USER}", kms_key = "{KEY}" }}'
    (vault,) = folder.read(text(vault=adopt)).vaults
    assert vault.config_secret == Adopted(secret_arn("api/config"), KEY)
    assert vault.config_secret.name == "api/config"
    assert vault.passphrase_secret == Made("acme_web/prod/VSYNC_PASSPHRASE")
    assert vault.reader == Adopted(USER)
    assert vault.reader.name == "reader"


def test_a_vault_on_another_store_has_a_writer_secret_and_no_key_of_ours(folder: Folder) -> None:
    (vault,) = folder.read(text(vault=f'{OTHER_STORE}bucket_region = "auto"')).vaults
    assert (vault.store.is_aws, vault.store.region) == (False, "auto")
    assert vault.writer_secret == Made("acme_web/prod/VSYNC_WRITER")
    assert (vault.reader, vault.key) == (None, None)
    adopt = f'adopt = {{ config_secret = "{secret_arn("a")}", writer_secret = "{secret_arn("b")}" }}'
    (vault,) = folder.read(text(vault=OTHER_STORE + adopt)).vaults
    assert (vault.config_secret, vault.writer_secret) == (Adopted(secret_arn("a")), Adopted(secret_arn("b")))


BAD = {
    "prefix without a slash at its end": ('prefix = "acme"', f'prefix: "acme" must end in a slash and not begin with one, or be empty; {PLACE}'),
    "prefix that begins with a slash": ('prefix = "/acme/"', f'prefix: "/acme/" must end in a slash and not begin with one, or be empty; {PLACE}'),
    "prefix with a wildcard": ('prefix = "a*/"', f'prefix: "a*/" holds *, ? or $, which a policy would read as a wildcard; {PLACE}'),
    "prefix with a variable": ('prefix = "${aws:username}/"', f'prefix: "${{aws:username}}/" holds *, ? or $, which a policy would read as a wildcard; {PLACE}'),
    "prefix with a control character": ('prefix = "a\\tb/"', f"prefix: holds an invisible character; {PLACE}"),
    "prefix with a space that is none": ('prefix = "a\\u00a0b/"', f"prefix: holds an invisible character; {PLACE}"),
    "prefix with a space of no width": ('prefix = "a\\u200bb/"', f"prefix: holds an invisible character; {PLACE}"),
    "prefix with braces": ('prefix = "{x}/"', f'prefix: "{{x}}/" holds a brace or a bracket, which no template takes as it is; {PLACE}'),
    "prefix with a bracket": ('prefix = "x]/"', f'prefix: "x]/" holds a brace or a bracket, which no template takes as it is; {PLACE}'),
    "prefix beyond what a policy takes": ('prefix = "日本/"', f'prefix: "\\u65e5\\u672c/" holds a character that IAM takes in no policy; {PLACE}'),
    "prefix too long": (f'prefix = "{"ä" * 256}/"', f"prefix: has more than 512 bytes; {PLACE}"),
    "region that is none": ('bucket_region = "auto"', 'bucket_region: "auto" is malformed; write a region\'s name, such as eu-central-1'),
    "region of another partition": ('bucket_region = "cn-north-1"', "bucket_region: is in another partition than eu-central-1; its bucket knows none of our roles"),
    "endpoint without a scheme": ('endpoint = "storage.example"', f"endpoint: has no scheme; {ENDPOINT}, no path, no query, no user"),
    "endpoint in the open": ('endpoint = "http://storage.example"', f"endpoint: is not https, and every object would cross the network in the open; {ENDPOINT}"),
    "endpoint with a password": ('endpoint = "https://u:p@storage.example"', f"endpoint: is malformed; {ENDPOINT}, no path, no query, no user"),
    "endpoint of another region": ('endpoint = "https://s3.eu-west-1.amazonaws.com"', "endpoint: is eu-west-1's, the bucket is in eu-central-1; change it, or bucket_region"),
    "endpoint inside a network": ('endpoint = "https://bucket.vpce-1a.s3.eu-central-1.vpce.amazonaws.com"', "endpoint: is a VPC endpoint's, which is reached from within its VPC only; write [network] too"),
    "endpoint with the bucket": ('endpoint = "https://acme-vaults.s3.eu-central-1.amazonaws.com"', f"endpoint: {NOT_S3}"),
    "endpoint that is accelerated": ('endpoint = "https://S3-accelerate.amazonaws.com"', f"endpoint: {NOT_S3}"),
    "endpoint of another service": ('endpoint = "https://abc.execute-api.cn-north-1.amazonaws.com.cn"', f"endpoint: {NOT_S3}"),
    "endpoint of a function": ('endpoint = "https://abc.lambda-url.eu-central-1.on.aws"', f"endpoint: {NOT_S3}"),
    "endpoint of another API": ('endpoint = "https://sts.eu-central-1.api.aws"', f"endpoint: {NOT_S3}"),
    "endpoint that ends in a dot": ('endpoint = "https://s3.eu-central-1.amazonaws.com."', f"endpoint: has a malformed host, or one that ends in a dot; {ENDPOINT}"),
    "endpoint with an empty label": ('endpoint = "https://storage..example"', f"endpoint: has a malformed host, or one that ends in a dot; {ENDPOINT}"),
    "endpoint with a dash at its end": ('endpoint = "https://storage-.example"', f"endpoint: has a malformed host, or one that ends in a dot; {ENDPOINT}"),
    "endpoint of a machine's credentials": ('endpoint = "https://169.254.169.254"', f"endpoint: {LINK_LOCAL}"),
    "the same mapped to IPv6": ('endpoint = "https://[::ffff:169.254.169.254]"', f"endpoint: {LINK_LOCAL}"),
    "a link's own in IPv6": ('endpoint = "https://[fe80::1]:9000"', f"endpoint: {LINK_LOCAL}"),
    "the same as one number": ('endpoint = "https://2852039166"', f"endpoint: has a malformed address for a host; {ENDPOINT}"),
    "new bucket elsewhere": ('create_bucket = true\nbucket_region = "eu-west-1"', "create_bucket: makes it in eu-central-1, and bucket_region is eu-west-1; make it there yourself, or change one"),
    "new bucket on another store": (OTHER_STORE + "create_bucket = true", "create_bucket: is about S3 itself, and the endpoint is another store's; remove it and see to it there"),
    "bucket's key on another store": (f'{OTHER_STORE}bucket_kms_key = "{KEY}"', "bucket_kms_key: is about S3 itself, and the endpoint is another store's; remove it and see to it there"),
    "bucket's key of another region": (f'bucket_region = "eu-west-1"\nbucket_kms_key = "{KEY}"', "bucket_kms_key: is in eu-central-1, and must be in eu-west-1; write arn:aws:kms:eu-west-1:111122223333:key/<key id>"),
    "config secret without its user": (f'adopt = {{ config_secret = "{secret_arn("a")}" }}', "adopt.config_secret: holds a key of a user that exists already, and a key of another user than the reader's is never replaced; write that user's ARN as adopt.reader_user besides"),
    "writer secret on AWS": (f'adopt = {{ writer_secret = "{secret_arn("a")}" }}', "adopt.writer_secret: is for stores that are not AWS; the functions' roles write this bucket: remove it"),
    "user on another store": (f'{OTHER_STORE}adopt = {{ reader_user = "{USER}" }}', "adopt.reader_user: is a user of AWS, and the endpoint is another store's, which knows none; remove it"),
    "key rotation on another store": (f"{OTHER_STORE}key_rotation = {{}}", "key_rotation: cannot be: the endpoint is not AWS's, so the key is no IAM user's and nothing here can make another; remove the table, the passphrase rotates all the same"),
    "secret without its last characters": (f'adopt = {{ passphrase_secret = "arn:aws:secretsmanager:{HERE}:secret:abc" }}', f'adopt.passphrase_secret: "arn:aws:secretsmanager:{HERE}:secret:abc" is no full ARN of a secret; write arn:aws:secretsmanager:{HERE}:secret:<name>-<its last six characters>'),
    "secret by name": ('adopt = { passphrase_secret = "acme/prod" }', f"adopt.passphrase_secret: {NO_SECRET}"),
    "secret of another account": ('adopt = { passphrase_secret = "arn:aws:secretsmanager:eu-central-1:444455556666:secret:a-Ab12Cd" }', "adopt.passphrase_secret: is of account 444455556666, this file is for 111122223333; name one of that account"),
    "secret of another region": ('adopt = { passphrase_secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-Ab12Cd" }', f"adopt.passphrase_secret: is in eu-west-1, and must be in eu-central-1; write arn:aws:secretsmanager:{HERE}:secret:<name>-<its last six characters>"),
    "secret too long for the tag that names it": (f'adopt = {{ reader_user = "{USER}", config_secret = "{secret_arn("a" * 250)}" }}', "adopt.config_secret: has 313 characters and stands in a tag, which holds 256; use a shorter name"),
    "key of adopted secrets without any": (f'adopt = {{ kms_key = "{KEY}" }}', "adopt.kms_key: is the key of adopted secrets, and none is adopted; remove it, or see kms_key at the top"),
    "own key of an adopted secret without it": (f'adopt = {{ passphrase_secret = "{secret_arn("p")}", config_kms_key = "{KEY}" }}', "adopt.config_kms_key: is the key of adopt.config_secret, which is not there; remove it, or adopt that secret"),
    "own key that is none": (f'adopt = {{ passphrase_secret = "{secret_arn("p")}", passphrase_kms_key = "" }}', f'adopt.passphrase_kms_key: is no full ARN of a KMS key (no alias); write arn:aws:kms:{HERE}:key/<key id>, or "default" for the account\'s own key'),
    "all secrets' key that is the default": (f'adopt = {{ passphrase_secret = "{secret_arn("p")}", kms_key = "default" }}', f"adopt.kms_key: is no full ARN of a KMS key (no alias); write arn:aws:kms:{HERE}:key/<key id>"),
    "adopt that is no table": ("adopt = true", "adopt: is true or false; write a table"),
    "reader of another account": ('readers = ["arn:aws:iam::444455556666:role/a"]', "readers[1]: is of account 444455556666, this file is for 111122223333; name one of that account"),
    "kind that is none": ('consumers = { web = "esc:main/web" }', "consumers.web: names no kind of consumer; write <kind>:<target>, where the kind is one of ecs, lambda, eks, apprunner, ssm, sns"),
    "target that ECS does not take": ('consumers = { web = "ecs:main" }', "consumers.web: has no target that ecs takes; write ecs:<cluster>/<service>"),
    "target too long for a tag": (f'consumers = {{ web = "sns:{"t" * 253}" }}', "consumers.web: has 257 characters, and a tag's value 256 at most; choose shorter names"),
    "consumer of another type": ("consumers = { web = 3 }", "consumers.web: is an integer; write <kind>:<target>, where the kind is one of ecs, lambda, eks, apprunner, ssm, sns"),
    "name with a blank": ('consumers = { "two words" = "sns:a" }', 'consumers."two words": "two words" is malformed; write a name of 1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit'),
    "health in the open": ('health = { web = "http://web.example" }', f"health.web: is no URL that may be asked; {URL}"),
    "health too long for a tag": (f'health = {{ web = "https://web.example/{"h" * 237}" }}', f"health.web: is no URL that may be asked; {URL}"),
    "health with a tilde": ('health = { web = "https://web.example/~a" }', "health.web: has a tilde, which the value of a tag may not take; give the application another path"),
    "replica at home": ('replica_regions = ["eu-central-1"]', "replica_regions[1]: is where the secrets are anyway; remove it"),
    "replica in another partition": ('replica_regions = ["cn-north-1"]', "replica_regions[1]: is in another partition than eu-central-1; secrets are not replicated there"),
    "replica nowhere": ('replica_regions = ["nowhere"]', 'replica_regions[1]: "nowhere" is malformed; write a region\'s name, such as eu-central-1'),
    "replicas of what is adopted": (f'replica_regions = ["eu-west-1"]\nadopt = {{ config_secret = "{secret_arn("a")}", passphrase_secret = "{secret_arn("b")}", reader_user = "{USER}" }}', "replica_regions: is for secrets made here, and all are adopted; replicate them where they are made"),
    "stack number": ("rotation_stack = 0", "rotation_stack: is out of range; write an integer from 1 to 99"),
    "heal that is a word": ('passphrase_rotation = { heal = "on" }', "passphrase_rotation.heal: is a string; write true or false"),
    "bundles below none": ("passphrase_rotation = { keep_bundles = -1 }", "passphrase_rotation.keep_bundles: is out of range; write an integer from 0 to 100000"),
    "alarm without a name": ('key_rotation = { deletion_alarm = "" }', 'key_rotation.deletion_alarm: "" is malformed; write the name, not the ARN, of a CloudWatch alarm, metric or composite, without $ and braces'),
    "alarm by its ARN": ('key_rotation = { deletion_alarm = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:x" }', 'key_rotation.deletion_alarm: "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:x" is malformed; write the name, not the ARN, of a CloudWatch alarm, metric or composite, without $ and braces'),
    "alarm in braces": ('key_rotation = { deletion_alarm = "{{resolve:ssm:x}}" }', 'key_rotation.deletion_alarm: "{{resolve:ssm:x}}" is malformed; write the name, not the ARN, of a CloudWatch alarm, metric or composite, without $ and braces'),
    "hook on this machine": (f'{HOOK.replace("ci.example", "localhost")}secret = "{secret_arn("s")}"', f"hooks[1].url: is on no host of the public internet; {HOOK_URL}"),
    "hook on a network's own host": (f'{HOOK.replace("ci.example", "ci.corp.internal")}secret = "{secret_arn("s")}"', f"hooks[1].url: is on no host of the public internet; {HOOK_URL}"),
    "hook on a host without a domain": (f'{HOOK.replace("ci.example", "ci:8443")}secret = "{secret_arn("s")}"', f"hooks[1].url: is on no host of the public internet; {HOOK_URL}"),
    "hook with a header of HTTP's": (f'{HOOK.replace("X-Api-Key", "Content-length")}secret = "{secret_arn("s")}"', f"hooks[1].header: {TAKEN}"),
    "hook with a header and its value": (f'{HOOK.replace("X-Api-Key", "Authorization: Bearer x")}secret = "{secret_arn("s")}"', "hooks[1].header: is malformed; write the name of a header, such as Authorization"),
    "one hook in one pair of brackets": ("[vaults.hooks]", "hooks: is one table; write its name in two brackets, once for each"),
    "hook that is no table": ("hooks = [1]", "hooks[1]: is an integer; write a table"),
    "hook without a header": (f'[[vaults.hooks]]\nname = "a"\nurl = "https://x.example/"\nsecret = "{secret_arn("s")}"', "hooks[1].header: is missing; write the name of a header, such as Authorization"),
    "hook whose URL may hold a key": (f'{HOOK.replace("%C3%BC", "a?token=1")}secret = "{secret_arn("s")}"', "hooks[1].url: is no address that can be called; write https://<host>[:<port>]/<path> without user, query or fragment; what proves who calls goes into the header"),
    "hook of no host's name": (f'{HOOK.replace("ci.example", "169.254.169.254")}secret = "{secret_arn("s")}"', "hooks[1].url: is no address that can be called; write https://<host>[:<port>]/<path> without user, query or fragment; what proves who calls goes into the header"),
    "hook with a value for a secret": (f'{HOOK}secret = "hunter2"', f"hooks[1].secret: {NO_SECRET}"),
    "two hooks of one name": (f'{HOOK}secret = "{secret_arn("s")}"\n' * 2, "hooks[2].name: is another hook's of this vault; give each its own"),
}  # fmt: skip


@pytest.mark.parametrize(("vault", "line"), BAD.values(), ids=BAD)
def test_anything_else_is_told_in_one_line_with_its_vault(folder: Folder, vault: str, line: str) -> None:
    assert folder.problems(text(vault=vault)) == [WHERE + line]


@pytest.mark.parametrize(
    ("named", "lines"),
    [
        ('env = "prod"', ["vaults[1]: repo: is missing; write the repo's name, such as acme_web"]),
        ('repo = "a b"\nenv = "p/q"', ['vaults[1]: repo: "a b" is malformed; write the repo\'s name, such as acme_web', 'vaults[1]: env: "p/q" is malformed; write the environment\'s name, such as prod']),
        ('repo = "a/.."\nenv = "prod"', ['vaults[1]: repo: "a/.." is malformed; write the repo\'s name, such as acme_web']),
        (f'repo = "{"r" * 77}"\nenv = "prod"', [f"vaults[1] ({'r' * 77}/pro...): repo: has with env more than 80 characters, too many for a stack's name; shorten it"]),
    ],
)  # fmt: skip
def test_repo_and_env_name_the_vault(folder: Folder, named: str, lines: list[str]) -> None:
    assert folder.problems(text(named=named)) == lines


def test_the_longest_names_fit_into_the_names_of_what_is_made(folder: Folder) -> None:
    """CloudFormation: stacks' names have 128 characters at most. IAM: users' and roles' 64."""
    named = f'repo = "{"r" * 16}"\nenv = "{"e" * 64}"'
    deployment = folder.read(text(top=f'stack_prefix = "{"p" * 30}"', named=named))
    (vault,) = deployment.vaults
    assert len(names.vault_stack(deployment, vault)) <= 128
    assert len(default_names.reader_user_name(vault.repo, vault.env)) <= 64
    assert all(len(names.function_name(deployment, 99, function)) <= 64 for function in names.FUNCTIONS)


def test_a_name_that_nothing_can_have_is_not_repeated_at_length(folder: Folder) -> None:
    lines = folder.problems(text(named=f'repo = "{"r" * 5000}"\nenv = "prod"', vault="xyz = 1\ntracing = 1"))
    assert len(lines) == 3
    assert max(map(len, lines)) < 500


@pytest.mark.parametrize(
    "name",
    [
        *("192.168.0.1", "sthree-vaults", "amzn-s3-demo-vaults", "vaults-s3alias", "vaults--ol-s3", "vaults.mrap"),
        *("vaults--x-s3", "vaults--table-s3"),
    ],
)
def test_names_that_s3_keeps_for_itself_make_no_new_bucket(folder: Folder, name: str) -> None:
    content = text(vault="create_bucket = true").replace("acme-vaults", name)
    assert folder.problems(content) == [
        f'{WHERE}bucket: "{name}" looks like an address, or begins or ends as S3 lets no new bucket\'s name; choose another'
    ]
    assert folder.read(content.replace("create_bucket = true", "")).vaults[0].store.bucket == name


def test_each_adopted_secret_has_its_own_key_or_that_of_all(folder: Folder) -> None:
    other = f"{KEY[:-1]}b"
    secrets = f'reader_user = "{USER}", config_secret = "{secret_arn("c")}", passphrase_secret = "{secret_arn("p")}"'

    def keys(lines: str, store: str = "", adopted: str = secrets) -> tuple[str | None, ...]:
        (vault,) = folder.read(text(vault=f"{store}adopt = {{ {adopted}, {lines} }}")).vaults
        found = (vault.config_secret, vault.passphrase_secret, vault.writer_secret)
        return tuple(secret.kms_key if isinstance(secret, Adopted) else "made" for secret in found if secret)

    assert keys(f'kms_key = "{KEY}"') == (KEY, KEY)
    assert keys(f'config_kms_key = "{KEY}"') == (KEY, None)
    assert keys(f'config_kms_key = "{KEY}", passphrase_kms_key = "{other}"') == (KEY, other)
    assert keys(f'kms_key = "{KEY}", passphrase_kms_key = "{other}"') == (KEY, other)
    assert keys(f'kms_key = "{KEY}", passphrase_kms_key = "default"') == (KEY, None)
    writer = f'passphrase_secret = "{secret_arn("p")}", writer_secret = "{secret_arn("w")}"'
    assert keys(f'kms_key = "{KEY}", writer_kms_key = "default"', OTHER_STORE, writer) == ("made", KEY, None)


def test_no_hours_are_no_hours_whatever_their_sign(folder: Folder) -> None:
    lines = "key_rotation = { overlap_hours = -0.0, inactive_hours = 0.0 }"
    tags = config_secret_tags(folder.read(text(vault=lines)).vaults[0], "stack")
    assert (tags[names.OVERLAP], tags[names.INACTIVE]) == ("0", "0")


@pytest.mark.parametrize("number", [6, 7])
def test_a_rotation_stack_that_more_vaults_choose_than_it_holds_is_refused_with_its_place(
    folder: Folder, number: int
) -> None:
    table = '[[vaults]]\nrepo = "r{0}"\nenv = "prod"\nbucket = "vaults"\nrotation_stack = 3\n'
    more = "".join(table.format(other) for other in range(2, number + 1))
    assert folder.problems(text(vault="rotation_stack = 3", more=more)) == [
        f"vaults[6] (r6/prod): rotation_stack = 3 is chosen by {number} vaults, and a rotation stack holds 5; choose another number for some"
    ]
    assert folder.read(text(vault="rotation_stack = 3", more=more.replace("= 3", "= 4", number - 5)))


def test_new_buckets_have_the_names_that_s3_wants_now(folder: Folder) -> None:
    content = text(vault="create_bucket = true").replace("acme-vaults", "Acme_Vaults")
    assert folder.problems(content) == [
        WHERE + 'bucket: "Acme_Vaults" is malformed; write 3 to 63 small letters, digits, dashes and dots, as S3 wants them for a new bucket'
    ]  # fmt: skip
    assert folder.read(content.replace("create_bucket = true", "")).vaults[0].store.bucket == "Acme_Vaults"


def test_protected_secrets_without_readers_are_refused_with_both_ways_out(folder: Folder) -> None:
    top = "protect_reading = true"
    assert folder.problems(text(top=top)) == [
        WHERE + "readers: is empty, and protect_reading would keep the applications from the secrets made here; "
        "write the ARNs of the roles they start with, or protect_reading = false at the top"
    ]
    assert folder.read(text(top=top, vault=f'readers = ["{ROLE}"]'))
    adopted = f'adopt = {{ config_secret = "{secret_arn("a")}", passphrase_secret = "{secret_arn("b")}", reader_user = "{USER}" }}'
    assert folder.read(text(top=top, vault=adopted))


def test_protection_counts_as_wanted_where_the_file_says_nothing(folder: Folder) -> None:
    content = text().replace("protect_reading = false", "")
    assert [line.partition(" and")[0] for line in folder.problems(content)] == [WHERE + "readers: is empty,"]


def test_as_many_consumers_fit_as_leave_room_for_the_other_tags_and_a_pause(folder: Folder) -> None:
    """Secrets Manager takes 50 tags a secret; the functions' pause must always find room."""
    consumers = ", ".join(f'c{number} = "lambda:f"' for number in range(MOST_APPLICATIONS - 1))
    everything = f"""
consumers = {{ {consumers} }}
health = {{ web = "https://web.example/" }}
key_rotation = {{ overlap_hours = 1, max_overlap_hours = 2, inactive_hours = 3, deletion_alarm = "a" }}
passphrase_rotation = {{ heal = true, keep_bundles = 1, repair_seal = true }}
"""
    deployment = folder.read(text(vault=everything))
    assert len(config_secret_tags(deployment.vaults[0], "stack")) == 49
    assert len(passphrase_secret_tags(deployment.vaults[0], "stack")) < 50
    elsewhere = folder.read(text(vault=OTHER_STORE + everything.replace("key_rotation", "#key_rotation")))
    assert len(passphrase_secret_tags(elsewhere.vaults[0], "stack")) == 49
    more = everything.replace("health = {", 'health = { api = "https://api.example/",')
    assert folder.problems(text(vault=more)) == [
        WHERE + "has 40 consumers and 2 health URLs, more than 41: each is a tag, and a secret has room for no more; "
        "let one consumer of the kind sns: tell the others"
    ]


@pytest.mark.parametrize(
    "key",
    [
        *("passphrase", "config", "VSYNC_PASSPHRASE", "aws_secret_access_key", "db_password", "secretAccessKey"),
        *("secret-access-key", "api_key", "apiKey", "value", "webhook", "webhook_url"),
    ],
)
def test_a_value_of_a_secret_is_sent_away_and_never_repeated(folder: Folder, key: str) -> None:
    [problem] = folder.problems(text(vault=f'{key} = "something-secret"'))
    assert problem.startswith(f"{WHERE}{key}: no value of a secret belongs in this file")
    assert "something-secret" not in problem
