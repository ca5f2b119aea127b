// SPDX-License-Identifier: Apache-2.0
// Trouble as it is shown: what happened, why, what to do.

import { announce, h } from "./dom.js";
import { glyph } from "./glyphs.js";

/** The card of a problem, with buttons that lead out of it. */
export function problemCard(problem, ...buttons) {
  announce(problem.title ?? problem.message);
  const rows = [["Why", problem.why], ["What to do", problem.todo]].filter(([, text]) => text);
  return h(
    "section", { class: "card notice bad-edge problem", role: "alert" }, glyph("bad", "failed"),
    h(
      "div", {}, h("h2", {}, problem.title ?? "Something failed."),
      h("dl", {}, rows.map(([name, text]) => [h("dt", {}, name), h("dd", { class: "wrap" }, text)])),
      problem.title ? null : h("p", { class: "t2 wrap" }, problem.message),
      buttons.length ? h("div", { class: "buttons" }, buttons) : null,
    ),
  );
}
