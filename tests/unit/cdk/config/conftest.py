"""Folders for deployment files."""

from pathlib import Path

import pytest

from tests.unit.cdk.config.files import Folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Where one test after the other writes its file over the last one's: hundreds of folders take longer than all tests."""
    return Folder(tmp_path_factory.mktemp("deployments"))


@pytest.fixture
def own_folder(tmp_path: Path) -> Folder:
    """An empty folder, for tests that look at a folder."""
    return Folder(tmp_path)
