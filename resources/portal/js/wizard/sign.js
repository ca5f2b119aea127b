// SPDX-License-Identifier: Apache-2.0
// Step: what the transaction does, before the wallet is asked.

import { announce, button, fill, h, title } from "../dom.js";
import { glyph } from "../glyphs.js";
import { problemCard } from "../problem_card.js";
import { exact, reviewRows, risks } from "../review.js";
import { build, signAndFollow } from "../transaction.js";
import { createWish } from "./details.js";

export function showSign(wizard) {
  const { wallet, network, unsigned, standing, kept } = wizard;
  const facts = { network, standing, key: kept.key };
  const place = h("div", { class: "column inner" });
  const note = h("span", { class: "t2 push" }, "nothing is sent before you approve in the wallet");
  const back = button("Back", () => wizard.back());
  const go = button(`Sign with ${wallet.name}`, () => sign(), "primary");

  const sign = async () => {
    go.disabled = back.disabled = true;
    fill(place);
    try {
      wizard.result = await signAndFollow(wallet, wizard.unsigned, (_, words) => {
        announce(words);
        fill(place, h("p", { class: "line" }, glyph("wait", ""), h("span", { class: "wrap" }, words)));
      });
      wizard.next();
      return;
    } catch (problem) {
      fill(place, problemCard(problem, problem.code === "wallet-refused" ? null : button("Build it anew", anew)));
    }
    go.disabled = back.disabled = false;
  };

  /** The sequence of the account or the price may have changed since. */
  const anew = async () => {
    try {
      await wizard.refreshStanding();
      wizard.unsigned = await build(wallet, createWish(kept.details, kept.key.pubkey));
      wizard.go("sign");
    } catch (problem) {
      fill(place, problemCard(problem, button("Build it anew", anew)));
    }
  };

  wizard.turn(
    title(`Create validator “${kept.details.profile.moniker}”`, `On ${network.chainId}. This is all that the transaction does; your wallet will show the same figures.`),
    reviewRows(unsigned, facts), risks(unsigned, facts), exact(unsigned), place,
    h("div", { class: "bar" }, back, note, go),
  );
}
