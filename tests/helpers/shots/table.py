# SPDX-License-Identifier: Apache-2.0
"""All that pictures are taken of, in one table."""

from __future__ import annotations

from tests.helpers.shots.dialogs import DIALOGS
from tests.helpers.shots.pages import PAGES
from tests.helpers.shots.shot import Subject
from tests.helpers.shots.steps import STEPS
from tests.helpers.shots.whole_window import WINDOW

SUBJECTS: list[Subject] = [*PAGES, *STEPS, *DIALOGS, *WINDOW]
