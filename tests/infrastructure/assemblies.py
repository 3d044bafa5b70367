"""The deployments that the tests look at, synthesized once a session in a process of its own.

The construct library runs in Node and takes seconds to load: `python -m tests.infrastructure.assemblies FOLDER` does it
for all of them, and the tests read what it wrote.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from cdk import app
from cdk.assembly import Assembly
from cdk.config.errors import DeploymentError
from cdk.config.model import Deployment
from cdk.config.reading import read
from cdk.names import FUNCTIONS
from cdk.packaging.package import ROOT, Package

EXAMPLE: Final = ROOT / "cdk" / "deployments" / "example.toml"
EVERYTHING: Final = Path(__file__).parent / "deployments" / "everything.toml"
PRIVILEGE: Final = Path(__file__).parent / "privilege" / "every_permission.toml"
MANY_VAULTS: Final = 60

_HEAD: Final = 'account = "111122223333"\nregion = "eu-central-1"\n'
_A_VAULT: Final = """
[[vaults]]
repo = "team_with_a_long_name_{number:02}"
env = "production"
bucket = "company-vaults-with-a-long-name-{number:02}"
readers = ["arn:aws:iam::111122223333:role/application-with-a-long-name-{number:02}"]
consumers = {{ web = "ecs:main-cluster/web-service-{number:02}", worker = "lambda:worker-function-{number:02}" }}
key_rotation = {{ schedule = "rate(90 days)", deletion_alarm = "application-errors-{number:02}" }}
passphrase_rotation = {{ schedule = "cron(0 4 ? * SUN#2 *)", timezone = "Europe/Berlin", keep_bundles = 10 }}
"""


Assembled = Assembly


def many_vaults() -> str:
    """A file of sixty vaults with names of more than ordinary length."""
    return _HEAD + "".join(_A_VAULT.format(number=number) for number in range(MANY_VAULTS))


def renamed_example() -> str:
    """The example with everything renamed and reordered that is no vault's identity, and every schedule edited."""
    text = EXAMPLE.read_text()
    for old, new in _RENAMINGS.items():
        if old not in text:
            raise ValueError(f"the example does not say {old!r} any more")
        text = text.replace(old, new)
    head, *vaults = text.split("[[vaults]]")
    return "[[vaults]]".join([head, *reversed(vaults)])


_RENAMINGS: Final = {
    'web = "ecs:main/web"': 'front = "ecs:main/front"',
    'name = "deploy"': 'name = "release"',
    "cron(30 3 ? * 2#1 *)": "cron(30 5 ? * 3#1 *)",
    "cron(0 4 15 1,4,7,10 ? *)": "cron(0 5 16 1,4,7,10 ? *)",
    "rate(90 days)": "rate(91 days)",
    "overlap_hours = 24": "overlap_hours = 25",
    "platform@example.com": "others@example.com",
    "role/platform-admins": "role/other-admins",
    'architecture = "arm64"': 'architecture = "x86_64"',
}

FILES: Final[Mapping[str, Callable[[], str]]] = {
    "example": EXAMPLE.read_text,
    "everything": EVERYTHING.read_text,
    "many": many_vaults,
    "renamed": renamed_example,
    "every_permission": PRIVILEGE.read_text,
}


def assembled(name: str, folder: Path) -> Assembly:
    """What stands in the folder of a session."""
    return Assembly.read(read(folder / f"{name}.toml"), folder / name)


def crowded() -> str:
    """A vault with more hooks than a stack has room for."""
    hook = '[[vaults.hooks]]\nname = "hook-{0}"\nurl = "https://ci{0}.example.com/deploy"\n'
    hook += 'header = "Authorization"\nsecret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ci-AbCdE{1}"\n'
    return _HEAD + _A_VAULT.format(number=0) + "".join(hook.format(number, number % 10) for number in range(120))


def refusal(folder: Path) -> Sequence[str]:
    """What the refusal of the crowded file said."""
    return (folder / _REFUSAL).read_text().splitlines()


_REFUSAL: Final = "refusal.txt"


def main(folder: Path) -> None:
    """Synthesize all of them below the folder: the example as `make synth` does, the others with stand-ins for zips.

    cdk-nag looks at the example and at what has everything: what it finds in sixty vaults is sixty times the same.
    """
    for name, text in FILES.items():
        path = folder / f"{name}.toml"
        path.write_text(text())
        if name == "example":
            _as_make_synth_does(name, folder / name)
            continue
        deployment = read(path)
        synthesize = _with_every_check if name == "everything" else _without_nag
        synthesize(deployment, _stand_in(deployment, folder / "package"), folder / name)
    _refused(crowded(), folder)


def _refused(text: str, folder: Path) -> None:
    path = folder / "crowded.toml"
    path.write_text(text)
    deployment = read(path)
    try:
        _with_every_check(deployment, _stand_in(deployment, folder / "package"), folder / "crowded")
    except DeploymentError as error:
        (folder / _REFUSAL).write_text(str(error))
        return
    raise SystemExit("more resources than a stack takes were synthesized")


def _as_make_synth_does(name: str, folder: Path) -> None:
    os.environ["CDK_OUTDIR"] = str(folder)
    if app.main([name]) != 0:
        raise SystemExit("make synth DEPLOYMENT=example fails")


def _with_every_check(deployment: Deployment, package: Package, folder: Path) -> None:
    from cdk.synthesis import synthesize

    synthesize(deployment, package, folder, app.settings())


def _without_nag(deployment: Deployment, package: Package, folder: Path) -> None:
    from aws_cdk import App

    from cdk.synthesis import compose

    assembly = App(outdir=str(folder), context=app.settings(), analytics_reporting=False)
    compose(assembly, deployment, package)
    assembly.synth()


def _stand_in(deployment: Deployment, folder: Path) -> Package:
    """Files in the place of the packages, whose contents no template shows; tests/packaging has the real ones."""
    folder.mkdir(exist_ok=True)
    paths = {name: folder / f"{name}.zip" for name in ("layer", *FUNCTIONS)}
    for name, path in paths.items():
        path.write_bytes(name.encode())
    return Package(
        architecture=deployment.architecture,
        layer=paths["layer"],
        functions={name: paths[name] for name in FUNCTIONS},
        files={},
        has_bytecode=False,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
