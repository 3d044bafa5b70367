"""A trusted authority, an endpoint that it vouches for, and no permission for anything private."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.web.authority import Authority
from tests.unit.web.endpoint import Endpoint, serving

HOST = "health.example"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "trusted")


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> Path:
    return authority.certificate(HOST)


@pytest.fixture(autouse=True)
def surroundings(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    monkeypatch.delenv("VSYNC_ROTATION_PRIVATE_HEALTH_HOSTS", raising=False)


@pytest.fixture
def endpoint(certificate: Path) -> Iterator[Endpoint]:
    with serving(certificate) as endpoint:
        yield endpoint


@pytest.fixture
def permission(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deployment names the endpoint's host among the private ones."""
    monkeypatch.setenv("VSYNC_ROTATION_PRIVATE_HEALTH_HOSTS", HOST)
