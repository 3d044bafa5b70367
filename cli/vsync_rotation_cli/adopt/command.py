"""The command: look at everything, refuse or show, and only then tag."""

from argparse import Namespace
from collections.abc import Sequence

from vsync_rotation_cli.account import opened
from vsync_rotation_cli.adopt.looking import Looking, Seen
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deployment_file import load, path_of
from vsync_rotation_cli.refused import NOT_DONE, RefusedError, ended, telling_if_interrupted

ADOPTED = 0


def run(arguments: Namespace) -> int:
    """Tag what the file adopts, or say what would be tagged. Returns the exit status."""
    return ended("adopt", lambda: _run(arguments))


def _run(arguments: Namespace) -> int:
    deployment = load(path_of(arguments.deployment))
    session = opened(deployment, arguments.profile)
    console = Console(agreed=arguments.yes)
    seen = Looking(deployment, session).look(deployment.vaults)
    for note in seen.notes:
        console.say(f"note: {note}")
    if seen.problems:
        raise RefusedError(*seen.problems, "nothing was changed")
    _show(seen, console)
    if not seen.to_change:
        console.say("nothing to change")
        return ADOPTED
    if arguments.dry_run:
        console.say("dry run: nothing was changed")
        return ADOPTED
    return _apply(seen, Secrets(session), console)


def _show(seen: Seen, console: Console) -> None:
    for adoption in seen.adoptions:
        console.say(
            f"{adoption.vault.id}: secret {adoption.secret.name}{'' if adoption.changes else ': as it should be'}"
        )
        for line in adoption.changes.lines():
            console.say(f"  {line}")
    if not seen.adoptions:
        console.say("the deployment file adopts no secret")


def _apply(seen: Seen, secrets: Secrets, console: Console) -> int:
    """Set before removing: at no moment does a secret lack a tag that it had and should have."""
    tagged: list[str] = []
    with telling_if_interrupted(lambda: _told(tagged)):
        if not console.agrees("Apply these changes?"):
            console.say("nothing was changed")
            return NOT_DONE
        for adoption in seen.to_change:
            tagged.append(f"{adoption.secret.name} (perhaps not all of them)")
            if adoption.changes.to_set:
                secrets.tag(adoption.secret.arn, adoption.changes.to_set)
            if adoption.changes.removed:
                secrets.untag(adoption.secret.arn, sorted(adoption.changes.removed))
            tagged[-1] = adoption.secret.name
            console.say(f"{adoption.vault.id}: secret {adoption.secret.name} is tagged")
    return ADOPTED


def _told(tagged: Sequence[str]) -> str:
    if not tagged:
        return "nothing was changed"
    return f"tags are set on {', '.join(tagged)}; the same command shows what is missing and goes on"
