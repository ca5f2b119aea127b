# SPDX-License-Identifier: Apache-2.0
"""All decisions at a glance, and one button."""

from __future__ import annotations

from desktop.context import Context
from desktop.wizard.draft import Draft
from desktop.wizard.facts_step import FactsStep
from desktop.wizard.runs import runs_words
from desktop.words import wording
from desktop.words.translation import engine_words, tr


class SummaryStep(FactsStep):
    """Reads the draft; the wizard's button makes the validator."""

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(
            context,
            draft,
            tr("Ready to set it up"),
            tr("The program is downloaded and checked, the key made, the node started."),
        )

    @property
    def go_on(self) -> str:
        return tr("Set up {name}").format(name=self.draft.moniker)

    @property
    def note(self) -> str:
        return tr("It can be stopped at any time. Registering it on the chain comes later.")

    def facts(self) -> list[tuple[str, str]]:
        draft, profile = self.draft, self.draft.profile
        if profile is None:
            return []
        folder = draft.data_folder or self.context.layout.nodes
        disk = draft.machine.disk_free if draft.machine is not None else None
        program = " ".join(filter(None, (profile.daemon_name, profile.version)))
        origin = {
            "new": tr("a new one, made here"),
            "backup": tr("from a backup; the app watches the chain before it signs"),
            "comet": tr("from another node; the app watches the chain before it signs"),
        }[draft.key_origin]
        protection = {
            "keyring": tr("encrypted, opened by the system keyring"),
            "passphrase": tr("encrypted, opened by your passphrase"),
        }[draft.protection]
        rows = [
            (tr("Network"), f"{profile.display_name} · {profile.chain_id}"),
            (tr("Name"), draft.moniker),
            (tr("Program"), program or tr("unknown")),
            (tr("Runs"), runs_words(profile, draft.docker)[1]),
            (tr("Key"), origin),
            (tr("Protection"), protection),
            (tr("Data"), str(folder)),
            (tr("Disk free"), tr("unknown") if disk is None else wording.size(disk)),
        ]
        if draft.state_sync:
            rows.append((tr("How the chain is fetched"), tr("From a snapshot")))
        if draft.answers:
            labels = {fact.field: engine_words(fact.label) for fact in profile.missing()}
            said = [f"{labels.get(name, name)}: {text}" for name, text in draft.answers.items()]
            rows.append((tr("Your answers"), "\n".join(said)))
        return rows
