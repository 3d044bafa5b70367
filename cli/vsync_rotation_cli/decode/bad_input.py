"""What this command itself finds wrong; damage inside a value is an error of the formats."""


class BadInputError(Exception):
    """There is no value to decode.

    Attributes:
        what: the finding, one clause that quotes nothing of the input.
        remedy: what to do about it.
    """

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
