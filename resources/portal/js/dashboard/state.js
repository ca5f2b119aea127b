// SPDX-License-Identifier: Apache-2.0
// The state in one sentence, its proof, and the next thing to do.

import { count } from "../amounts.js";
import { announce, button, h } from "../dom.js";
import { glyph } from "../glyphs.js";
import { ago, clock, left } from "../words.js";
import { openAct } from "./act_dialog.js";

const STALE_SECONDS = 30;
/** The chain's clock is the time of its last block, a little behind. */
const CHAIN_CLOCK_SECONDS = 8;

/** Shape, sentence, proof and next thing of a dashboard. */
export function judge({ standing, node, inCloud }) {
  if (!standing) return { shape: "unknown", sentence: "State unknown.", proof: "The chain has not been read yet." };
  const age = Date.now() / 1000 - standing.at;
  const source = `Chain, block ${count(standing.height)}, ${ago(standing.at)}`;
  if (age > STALE_SECONDS) return { shape: "unknown", sentence: "State unknown.", proof: `Stale: the chain was read ${ago(standing.at)}.` };
  const validator = standing.validator;
  if (!validator) return { shape: "stopped", sentence: "No validator with this wallet.", proof: source, next: { words: "Make one in five steps.", name: "Become a validator", href: "/wizard" } };
  const signing = validator.signing;
  if (signing?.tombstoned) return { shape: "bad", sentence: "Jailed for good: it signed twice.", proof: source, next: { words: "This key and validator cannot come back. Undelegate with your wallet." } };
  if (validator.jailed) return { shape: "bad", sentence: "Jailed. It does not sign and earns nothing.", proof: source, next: release(signing, node) };
  if (validator.status !== "active") return { shape: "warn", sentence: validator.status === "leaving" ? "Leaving the active set." : "Not in the active set.", proof: source, next: { words: "Its stake is below the last place of the set.", name: "Delegate…", act: "delegate" } };
  if (!signing || signing.counted === 0) return { shape: "busy", sentence: "Active. No block has been counted yet.", proof: source };
  const missed = `${count(signing.missed)} of the last ${count(signing.counted)} blocks missed`;
  const worried = signing.missed * 2 > standing.rules.mayMiss;
  if (signing.missed === signing.counted || signing.signedLast === false) {
    const never = signing.missed === signing.counted;
    const more = count(Math.max(0, standing.rules.mayMiss - signing.missed));
    const look = inCloud ? "Look at its node under In the cloud." : "Look at the app.";
    return { shape: never || worried ? "bad" : "warn", sentence: `${never ? "Not signing." : "The last block is not signed."} ${missed}.`, proof: source, next: { words: `${more} more may be missed before jail. ${look}` } };
  }
  return { shape: worried ? "warn" : "good", sentence: `${worried ? "Signing, but" : "Signing."} ${missed}.`, proof: source };
}

function release(signing, node) {
  const wait = (signing?.jailedUntil ?? 0) + CHAIN_CLOCK_SECONDS - Date.now() / 1000;
  if (wait > 0) return { words: `It can come back at ${clock(signing.jailedUntil)}, in ${left(wait)}.`, name: "Unjail…", act: "unjail", disabled: true };
  if (node && node.state !== "running") return { words: "Start the node and let it catch up first, or it is jailed and slashed again.", name: "Unjail…", act: "unjail", disabled: true };
  const words = node ? "The node is in step: it can sign." : "Only when its node is in step and its signer is connected.";
  return { words, name: "Unjail…", act: "unjail", primary: true };
}

let told = "";

export function stateCard(dashboard) {
  const { shape, sentence, proof, next } = judge(dashboard);
  if (sentence.split(".")[0] !== told) {
    told = sentence.split(".")[0];
    announce(sentence);
  }
  const kind = { good: "good", warn: "warn", bad: "bad", busy: "busy" }[shape] ?? "";
  const way = next?.href
    ? h("a", { class: "button primary", href: next.href }, next.name)
    : next?.name && button(next.name, () => openAct(next.act, dashboard), next.primary ? "primary" : "", { id: `next-${next.act}`, disabled: next.disabled });
  return h(
    "section", { class: "card state", "aria-label": "State" },
    h("div", { class: `disc ${kind}` }, glyph(shape)),
    h("div", {}, h("p", { class: "sentence" }, sentence), h("p", { class: "t2" }, proof)),
    h("div", { class: "next" }, h("p", { class: "t2" }, next?.words ?? "Nothing to do."), way),
  );
}
