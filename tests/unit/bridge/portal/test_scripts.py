# SPDX-License-Identifier: Apache-2.0
"""The portal's own logic, run where it runs: in Chromium, under its policy."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from playwright.async_api import Page

OMNI = {"decimals": 6, "denom": "omniphi", "displayDenom": "OMNI"}
BARE = {"decimals": None, "denom": "omniphi", "displayDenom": "OMNI"}


async def call(page: Page, module: str, name: str, *rows: list[Any]) -> list[Any]:
    """`name` of a module for each row of arguments; what it throws reads "refused: ..."."""
    return list(
        await page.evaluate(
            """async ([module, name, rows]) => {
              const found = (await import(`/portal/js/${module}.js`))[name];
              return rows.map((row) => {
                try {
                  const told = found(...row);
                  return typeof told === "bigint" ? String(told) : told;
                } catch (error) {
                  return `refused: ${error.message}`;
                }
              });
            }""",
            [module, name, list(rows)],
        )
    )


async def test_amounts_are_exact(page: Page) -> None:
    chance = random.Random(6)
    bases = [0, 1, 999_999, 1_000_000, 10**30 + 1, *(chance.randrange(10**28) for _ in range(200))]
    shown = await call(page, "amounts", "plainAmount", *([str(base), OMNI] for base in bases))
    assert [Fraction(text.replace(",", "")) * 10**6 for text in shown] == bases
    read = await call(page, "amounts", "parseAmount", *([text, OMNI] for text in shown))
    assert read[0] == "refused: Enter more than zero."
    assert [int(text) for text in read[1:]] == bases[1:]


@pytest.mark.parametrize(
    ("base", "network", "words"),
    [
        ("1000000000", OMNI, "1,000 OMNI"),
        ("5120", OMNI, "0.00512 OMNI"),
        ("-1", OMNI, "−0.000001 OMNI"),
        ("1234567", BARE, "1,234,567 omniphi"),
    ],
)
async def test_amounts_in_words(page: Page, base: str, network: object, words: str) -> None:
    assert await call(page, "amounts", "amount", [base, network]) == [words]


@pytest.mark.parametrize(("network", "unit"), [(OMNI, "OMNI"), (BARE, "omniphi")])
async def test_an_amount_is_asked_for_in_the_unit_that_it_is_read_in(
    page: Page, network: object, unit: str
) -> None:
    told = await page.evaluate(
        """async (network) => {
          const { FORMS } = await import("/portal/js/dashboard/forms.js");
          const [field] = FORMS.delegate({ standing: { balance: "5" }, network }).fields;
          return field.element.querySelector(".unit").textContent;
        }""",
        network,
    )
    assert told == unit


async def test_amounts_that_cannot_be_taken(page: Page) -> None:
    texts = ["", "-1", "1e3", "1.2.3", "0x10", "0.0000001", "٣", "NaN", "0"]
    told = await call(page, "amounts", "parseAmount", *([text, OMNI] for text in texts))
    assert all(str(one).startswith("refused: ") for one in told)


async def test_shares_are_exact(page: Page) -> None:
    rows = {"10": "0.1", "12.5": "0.125", "100": "1", "0": "0", "0.01": "0.0001", "5 %": "0.05"}
    assert await call(page, "amounts", "parsePercent", *([text] for text in rows)) == list(
        rows.values()
    )
    chain = ["0.100000000000000000", "1.000000000000000000", "0.000000000000000000", "0.1234"]
    assert await call(page, "amounts", "percent", *([text] for text in chain)) == [
        f"{share}\N{NO-BREAK SPACE}%" for share in ("10", "100", "0", "12.34")
    ]  # fmt: skip
    wrong = await call(page, "amounts", "parsePercent", ["100.1"], ["-1"], ["ten"], ["1."])
    assert all(str(one).startswith("refused: ") for one in wrong)


async def test_a_key_is_found_in_what_is_pasted(page: Page) -> None:
    key = "sNhwzgJbrkSfA24sHAVYtHlGZptKRmhqtbE46igDmG4="
    texts = [key, f"  {key}\n", f'{{"@type":"/cosmos.crypto.ed25519.PubKey","key":"{key}"}}']
    assert await call(page, "wizard/ways", "readKey", *([one] for one in texts)) == [key] * 3
    wrong = ["", "omni1abc", key[:-1], "A" * 42 + "B="]
    told = await call(page, "wizard/ways", "readKey", *([one] for one in wrong))
    assert all(str(one).startswith("refused: ") for one in told)


def seen(status: str, signing: object, *, jailed: bool = False) -> dict[str, object]:
    """A standing whose validator is in this state."""
    return {"validator": {"status": status, "jailed": jailed, "signing": signing}}


def counted(of: int, missed: int) -> dict[str, object]:
    return {"counted": of, "missed": missed, "tombstoned": False, "jailedUntil": None}


TOMBSTONED = {**counted(0, 0), "tombstoned": True}

STATES = [
    (None, "State unknown."),
    ({"validator": None}, "No validator with this wallet."),
    (seen("leaving", counted(0, 0), jailed=True), "Jailed. It does not sign and earns nothing."),
    (seen("leaving", TOMBSTONED, jailed=True), "Jailed for good: it signed twice."),
    (seen("inactive", None), "Not in the active set."),
    (seen("active", counted(100, 3)), "Signing. 3 of the last 100 blocks missed."),
    (seen("active", counted(100, 41)), "Signing, but 41 of the last 100 blocks missed."),
    (seen("active", counted(40, 40)), "Not signing. 40 of the last 40 blocks missed."),
    (
        seen("active", counted(100, 3) | {"signedLast": False}),
        "The last block is not signed. 3 of the last 100 blocks missed.",
    ),
    (
        seen("active", counted(100, 3) | {"signedLast": True}),
        "Signing. 3 of the last 100 blocks missed.",
    ),
]


@pytest.mark.parametrize(("standing", "sentence"), STATES)
async def test_the_state_in_one_sentence(
    page: Page, standing: dict[str, Any] | None, sentence: str
) -> None:
    told = await page.evaluate(
        """async (standing) => {
          const { judge } = await import("/portal/js/dashboard/state.js");
          const read = { at: Date.now() / 1000, height: 7, rules: { mayMiss: 50 } };
          if (standing) Object.assign(standing, read);
          return judge({ standing, node: null });
        }""",
        standing,
    )
    assert told["sentence"] == sentence


@pytest.mark.parametrize(
    ("cloud", "place"), [(False, "the app."), (True, "its node under In the cloud.")]
)
async def test_who_does_not_sign_is_told_where_to_look(page: Page, cloud: bool, place: str) -> None:
    told = await page.evaluate(
        """async (inCloud) => {
          const { judge } = await import("/portal/js/dashboard/state.js");
          const signing = { counted: 100, missed: 3, tombstoned: false, signedLast: false };
          const validator = { jailed: false, status: "active", signing };
          const standing = { at: Date.now() / 1000, height: 7, rules: { mayMiss: 50 }, validator };
          return judge({ standing, inCloud });
        }""",
        cloud,
    )
    assert told["shape"] == "warn"
    assert told["next"]["words"] == f"47 more may be missed before jail. Look at {place}"


async def test_a_new_figure_leaves_what_is_pressed_and_focused_where_it_is(page: Page) -> None:
    told = await page.evaluate(
        """async () => {
          const { button, h, renew } = await import("/portal/js/dom.js");
          const place = h("div", {});
          document.body.append(place);
          const pressed = [];
          const press = (node, words) =>
            button(words, () => pressed.push(node), "", { "data-node": node });
          const show = (figure, node, words = "Stop") => renew(place, h("p", {}, figure),
            [h("div", {}, h("span", {}, figure), press(node, words))]);
          show("1 s ago", "alpha");
          const first = place.querySelector("button");
          first.focus();
          show("2 s ago", "alpha");
          const kept = place.querySelector("button") === first && document.activeElement === first;
          show("2 s ago", "beta");
          place.querySelector("button").click();
          show("2 s ago", "beta", "Start");
          place.querySelector("button").click();
          return [kept, pressed, place.innerText.split("\\n").filter(Boolean)];
        }"""
    )
    assert told == [True, ["beta", "beta"], ["2 s ago", "2 s agoStart"]]


async def test_an_old_reading_is_no_green_light(page: Page) -> None:
    told = await page.evaluate(
        """async () => {
          const { judge } = await import("/portal/js/dashboard/state.js");
          const signing = { counted: 100, missed: 0, tombstoned: false };
          const validator = { jailed: false, status: "active", signing };
          const at = Date.now() / 1000 - 40;
          return judge({ standing: { at, height: 7, rules: { mayMiss: 50 }, validator } });
        }"""
    )
    assert (told["shape"], told["sentence"]) == ("unknown", "State unknown.")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "this node, 2 s ago"), (30, "stale, 31 s ago"), (80, "unknown: last")],
)
async def test_a_figure_of_the_app_grows_old_while_nothing_is_heard(
    page: Page, seconds: int, words: str
) -> None:
    told = await page.evaluate(
        """async (seconds) => {
          const { aged } = await import("/portal/js/dashboard/app.js");
          const figure = { value: 7, unknownWhy: "", stale: false, age: 1, source: "this node" };
          const parts = aged(figure, Date.now() / 1000 - seconds, String);
          return parts.map((part) => part.textContent ?? part).join("");
        }""",
        seconds,
    )
    assert words in told


FOLLOW = """async ([url, wanted]) => {
  const { follow } = await import("/portal/js/live.js");
  const heard = [];
  await new Promise((done) => {
    let asked = 0;
    const end = follow(url, { tick: ({ number }) => {
      heard.push(number);
      if (heard.length === wanted) { end(); done(); }
    } }, async () => ["tick", { number: 100 + asked++ }]);
  });
  return heard;
}"""


async def test_figures_come_as_a_stream(page: Page) -> None:
    assert await page.evaluate(FOLLOW, ["/ticks", 3]) == [0, 1, 2]


async def test_where_no_stream_passes_it_asks_again_and_again(page: Page) -> None:
    assert await page.evaluate(FOLLOW, ["/no-stream-here", 2]) == [100, 101]


async def test_without_the_service_the_page_says_so(page: Page) -> None:
    # The small server of these tests has no interface at all.
    alert = page.get_by_role("alert")
    await alert.wait_for()
    assert "not known here" in await alert.inner_text()


@pytest.mark.parametrize(
    ("line", "level", "words"),
    [
        (
            '{"level":"error","module":"p2p","time":"2026-05-04T10:00Z","message":"no peer","n":3}',
            "error", "ERROR no peer n=3",
        ),
        ('{"level":"info","message":"a","of":{"b":1}}', "info", 'INFO  a of={"b":1}'),
        ('{"level":"info","mess', "", '{"level":"info","mess'),
        ("panic: <b>out</b>", "", "panic: <b>out</b>"),
    ],
)  # fmt: skip
async def test_a_nodes_line_is_read(page: Page, line: str, level: str, words: str) -> None:
    told = (await call(page, "log_line", "logLine", [line]))[0]
    assert told["level"] == level
    assert told["words"].endswith(words)


async def test_what_is_owed_is_told_with_its_time_and_reason(page: Page) -> None:
    said, soon = await call(
        page,
        "words",
        "owedWords",
        [{"since": "2024-05-04T10:20:30Z", "reason": "The chain does not answer."}],
        [{"since": "2024-05-04T10:20:30Z", "reason": None}],
    )
    assert "still to be removed, since" in said
    assert "2024" in said
    assert said.endswith(". The chain does not answer.")
    assert soon.endswith(". It is removed shortly.")
