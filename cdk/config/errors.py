"""Why a deployment file is refused."""

from collections.abc import Sequence


class DeploymentError(Exception):
    """The deployment file is not good. `problems` are all that were found, one line each, with their places."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
