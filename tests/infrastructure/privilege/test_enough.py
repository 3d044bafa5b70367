"""Under exactly the roles as synthesized everything works, judged by its effects."""

import pytest

from tests.infrastructure.privilege.all_scenarios import ALL
from tests.infrastructure.privilege.proof import Proof


@pytest.mark.parametrize("scenario", ALL)
def test_the_role_suffices(proof: Proof, scenario: str) -> None:
    proof.play(scenario)
