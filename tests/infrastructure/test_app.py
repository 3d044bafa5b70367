"""`make synth`: what it says and how it ends where there is nothing good to synthesize."""

import shutil
from pathlib import Path

import pytest

from cdk import app
from cdk.packaging.package import ROOT


@pytest.fixture
def deployments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(app, "DEPLOYMENTS", tmp_path)
    monkeypatch.delenv("CDK_CONTEXT_JSON", raising=False)
    shutil.copy(ROOT / "cdk" / "deployments" / "example.toml", tmp_path / "good.toml")
    return tmp_path


def refusal(capsys: pytest.CaptureFixture[str], *names: str) -> list[str]:
    assert app.main(names) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_a_file_that_is_not_there_is_one_line_that_names_those_that_are(
    deployments: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [line] = refusal(capsys, "no-such")
    assert "no-such.toml" in line
    assert "good" in line


def test_a_name_with_the_files_ending_is_told_without_it(deployments: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "good.toml") == ["good.toml: write the file's name without .toml"]


@pytest.mark.parametrize("name", ["../production", "folder/production", "/production"])
def test_only_a_file_of_the_folder_is_synthesized(
    deployments: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Another's would be written over the templates of the one of that name."""
    assert refusal(capsys, name) == [f"{name}: name a file of {deployments.name}/ without a folder"]


def test_every_problem_of_a_file_is_a_line(deployments: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (deployments / "good.toml").read_text()
    (deployments / "bad.toml").write_text(
        text.replace('"111122223333"', '"1111"', 1).replace("rate(30 days)", "rate(30 dayz)", 1)
    )
    lines = refusal(capsys, "bad")
    assert len(lines) == 2
    assert [Path(line.split(": ")[0]).name for line in lines] == ["bad.toml"] * 2


def test_a_file_is_refused_for_what_a_file_beside_it_claims(
    deployments: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (deployments / "broken.toml").write_text("=")
    (deployments / "copy.toml").write_text((deployments / "good.toml").read_text())
    for name in ("good", "copy"):
        lines = refusal(capsys, name)
        assert lines
        assert {Path(line.split(": ")[0]).name for line in lines} == {f"{name}.toml"}


def test_without_a_name_every_file_is_read_and_one_bad_one_is_refused(
    deployments: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (deployments / "bad.toml").write_text("account = 1\n")
    assert any("bad.toml: " in line for line in refusal(capsys))


def test_the_cdk_command_line_gets_one_assembly_and_never_one_over_the_other(
    deployments: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (deployments / "good.toml").read_text()
    other = text.replace("111122223333", "444455556666").replace('bucket = "', 'bucket = "other-')
    (deployments / "other.toml").write_text(other.replace("storage.example.com", "other.example.com"))
    monkeypatch.setenv("CDK_OUTDIR", str(deployments / "out"))
    [line] = refusal(capsys)
    assert "-c deployment=<name>" in line
    assert not (deployments / "out").exists()


def test_the_cdk_command_line_names_the_file_by_its_context(
    deployments: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_CONTEXT_JSON", '{"deployment": "no-such"}')
    [line] = refusal(capsys)
    assert "no-such.toml" in line
