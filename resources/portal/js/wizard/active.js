// SPDX-License-Identifier: Apache-2.0
// Step: from the block that holds the transaction to the first signature.

import * as api from "../api.js";
import { amount, count } from "../amounts.js";
import { announce, fill, h, title } from "../dom.js";
import { glyph } from "../glyphs.js";
import { follow } from "../live.js";
import { problemCard } from "../problem_card.js";

export function showActive(wizard) {
  const { wallet, kept, result } = wizard;
  const heading = title(`“${kept.details.profile.moniker}” is on its way.`, "The chain takes it into the active set with one of the next blocks.");
  const care = kept.mode === "cloud" ? "Its node and its key are in the cloud; the dashboard shows how it does." : "Keep the app running, and back its key up.";
  const list = h("ul", { class: "tasks" });
  const trouble = h("div", {});
  wizard.turn(heading, h("section", { class: "card" }, list), trouble,
    h("p", { class: "t3 wrap" }, `Transaction ${result.txHash}`),
    h("div", { class: "bar" }, h("a", { class: "button primary push", href: "/dashboard" }, "Go to the dashboard")));
  wizard.forget();

  const show = (standing) => {
    const validator = standing?.validator;
    const signing = validator?.signing;
    const signed = signing ? signing.counted - signing.missed : 0;
    const tasks = [
      ["In a block", true, `block ${count(result.height)}`],
      ["Known to the chain", Boolean(validator), validator?.operatorAddress ?? "waits for the next reading"],
      ["In the active set", validator?.status === "active", !validator ? "" : validator.status === "active" ? `with ${amount(validator.tokens, wizard.network)}` : "Its stake is below the last place of the set. Delegate more."],
      ["First signature", signed > 0, signing ? `${count(signed)} of the last ${count(signing.counted)} blocks signed` : "waits for the active set"],
    ];
    const place = tasks.findIndex(([, done]) => !done);
    fill(list, tasks.map(([name, done, words], index) => h("li", {}, glyph(done ? "good" : index === place ? "busy" : "later"), h("span", { class: "what" }, name), h("span", { class: "result fixed-ish" }, words))));
    if (place < 0) {
      fill(heading, h("h1", { tabindex: -1 }, `“${validator.moniker}” is active.`), h("p", { class: "lead" }, `It is in the active set and signs blocks. ${care}`));
      announce("The validator is active and signs blocks.");
    }
  };
  show(null);
  wizard.leave(follow(api.standingEvents(wallet.address), {
    standing: (standing) => { fill(trouble); show(standing); },
    trouble: (problem) => fill(trouble, problemCard(problem)),
  }, async () => ["standing", await api.standing(wallet.address)]));
}
