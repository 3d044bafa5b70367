"""Missing values, asked for one after the other; what is secret stays unseen, and a wrong one is asked for again."""

from collections.abc import Callable, Sequence
from typing import Final

from cdk.config.model import Vault
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import NobodyToAskError, RefusedError, bad_input
from vsync_rotation_cli.seed.forms import Value, checked
from vsync_rotation_cli.seed.location import VSYNCS_ITERATIONS, completed
from vsync_rotation_cli.seed.missing import Missing, Slot

TRIES: Final = 3
# A terminal takes no longer line than 4,096 characters unless a program turns its line editing off.
_LONGEST_LINE: Final = 4_095


def asked(missing: Sequence[Missing], console: Console) -> dict[tuple[str, Slot], Value]:
    """A value for each.

    Raises:
        RefusedError: there is nobody to ask, or three wrong ones in a row.
    """
    return {(item.vault.id, item.slot): _asked(item, console) for item in missing}


def _asked(item: Missing, console: Console) -> Value:
    console.say(f"{item.vault.id}: secret {item.secret.name} has no value yet")
    refusal = bad_input()
    for _ in range(TRIES):
        try:
            return checked(item.vault, item.slot, _QUESTIONS[item.slot](item.vault, console))
        except NobodyToAskError:
            raise
        except RefusedError as error:
            refusal = error
            for problem in error.problems:
                console.say(f"  {problem}")
    raise refusal


def _ask_config(vault: Vault, console: Console) -> SecretText:
    if vault.key is None:
        return _ask_hidden("  blob (VSYNC_CONFIG, hidden): ", console)
    given = _ask_hidden(
        "  blob (VSYNC_CONFIG) or location (JSON), hidden; Enter alone to name only the salt: ", console
    )
    if given.reveal().strip():
        return given
    salt = console.ask("  salt of the vault's key, from the vault's vsync configuration: ")
    iterations = console.ask(f"  iterations [{VSYNCS_ITERATIONS}]: ")
    if iterations and not (iterations.isascii() and iterations.isdigit()):
        raise bad_input("iterations is a whole number")
    return completed(vault, {"salt": salt, "iterations": int(iterations or VSYNCS_ITERATIONS)})


def _ask_passphrase(_vault: Vault, console: Console) -> SecretText:
    return _ask_hidden("  passphrase (hidden): ", console)


def _ask_writer(_vault: Vault, console: Console) -> SecretText:
    return _ask_hidden("  key pair that may write the bucket, as JSON (hidden): ", console)


def _ask_hidden(question: str, console: Console) -> SecretText:
    text = console.ask_secret(question)
    if len(text.reveal()) >= _LONGEST_LINE:
        raise bad_input("the terminal cut this long line short; give it with --from FILE")
    if _is_first_line_of_json(text.reveal().strip()):
        raise bad_input(
            "this is the first line of JSON, and a prompt takes one line: give it as one, or with --from FILE"
        )
    return text


def _is_first_line_of_json(text: str) -> bool:
    return text.startswith("{") and not text.endswith("}")


_QUESTIONS: Final[dict[Slot, Callable[[Vault, Console], SecretText]]] = {
    Slot.CONFIG: _ask_config,
    Slot.PASSPHRASE: _ask_passphrase,
    Slot.WRITER: _ask_writer,
}
