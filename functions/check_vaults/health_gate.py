"""The health gate of one secret: consumers are asked until they show the new credentials, stragglers are named once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from check_vaults.aftermath import is_promoted
from check_vaults.naming import name_vault
from vsync_rotation.consumers import HealthUrl, health_urls
from vsync_rotation.engine.ports import SecretDirectory
from vsync_rotation.engine.rotation import Job
from vsync_rotation.gates import (
    Gate,
    Health,
    HealthProbe,
    advance,
    is_fresh_after_key,
    is_fresh_after_passphrase,
    stragglers_to_report,
    waited_for,
    with_reported,
)
from vsync_rotation.memory.checks import CheckRecord
from vsync_rotation.settings import Kind

# One question takes five seconds at most; who is not asked for want of time is asked by the next check.
_SECONDS_FOR_ASKING: Final = 6.0
# Dozens of consumers that do not answer must not take the other secrets' time.
_SECONDS_FOR_ONE_SECRET: Final = 30.0


@dataclass(frozen=True, slots=True)
class HealthGate:
    """Asks the consumers that are still waited for."""

    job: Job
    kind: Kind
    probe: HealthProbe
    directory: SecretDirectory

    def check(self, record: CheckRecord) -> tuple[CheckRecord, list[tuple[str, str]]]:
        """What is to be remembered, and what is worth saying. Safe to repeat: asking changes nothing.

        Raises:
            SettingsError: a health tag is malformed.
        """
        urls = health_urls(self.job.secret.tags)
        is_fresh = self._is_fresh(record)
        before = Gate.of_json(record.gate)
        waited = set(waited_for(before, self.job.version_id, urls))
        if not waited or record.since is None or is_fresh is None or not is_promoted(self.job, self.directory):
            return record, []
        until = self.job.ports.clock.monotonic() + _SECONDS_FOR_ONE_SECRET
        answers = {url.name: self._asked(url) for url in urls if url.name in waited and self._is_time_left(until)}
        gate = advance(before, self.job.version_id, urls, answers, is_fresh)
        stragglers = stragglers_to_report(gate, record.since, self.job.started_at)
        if stragglers:
            name_vault(self.job)
        for straggler in stragglers:
            self.job.ports.journal.warning("consumer straggling", consumer=straggler.consumer)
            self.job.emit(straggler)
        gate = with_reported(gate, stragglers)
        said = [("straggling", straggler.consumer) for straggler in stragglers]
        return replace(record, gate=gate.as_json()), said

    def _is_fresh(self, record: CheckRecord) -> Callable[[Health], bool] | None:
        """How to tell; None while the generation that has to be shown is not known."""
        if self.kind is Kind.IAM_ACCESS_KEY:
            return is_fresh_after_key
        return None if record.gen is None else partial(is_fresh_after_passphrase, gen=record.gen)

    def _asked(self, url: HealthUrl) -> Health:
        health = self.probe.ask(url)
        told = {"reason": str(health)} if isinstance(health, str) else {"status": health.status, "gen": health.gen}
        self.job.ports.journal.info("consumer asked", consumer=url.name, **told)
        return health

    def _is_time_left(self, until: float) -> bool:
        in_time = self.job.ports.clock.monotonic() < until
        return in_time and self.job.deadline.remaining_seconds() > _SECONDS_FOR_ASKING
