// SPDX-License-Identifier: Apache-2.0
// What a transaction does, in plain words, read from the document that the wallet signs.

import { amount, count, percent, plainPercent, trimmed } from "./amounts.js";
import { h } from "./dom.js";
import { glyph } from "./glyphs.js";
import { duration, short } from "./words.js";

const row = (label, value, note = "", kind = "") =>
  h("div", { class: kind }, h("dt", {}, label), h("dd", { class: "value" }, value), h("dd", { class: "note" }, note));

const points = (share) => `${plainPercent(share)} ${plainPercent(share) === "1" ? "point" : "points"}`;

const UNCHANGED = "[do-not-modify]";

/** Rows of one message; `facts` has the network, the standing and what the page knows of the key. */
function messageRows(message, facts) {
  const { network, standing, key } = facts;
  const rules = standing.rules;
  switch (message["@type"]) {
    case "/cosmos.staking.v1beta1.MsgCreateValidator": {
      const rates = message.commission;
      return [
        row("You lock", amount(message.value.amount, network), `from your wallet. To get it back you wait ${duration(rules.unbondingSeconds)} after leaving.`),
        row("You ask", `${percent(rates.rate)} commission`, `of what others earn with you. Never above ${percent(rates.max_rate)}, changed by ${points(rates.max_change_rate)} a day at most; these two limits are final.`),
        keyRow(message.pubkey.key, key),
      ];
    }
    case "/cosmos.staking.v1beta1.MsgEditValidator": {
      const about = message.description;
      const rows = [row("New profile", about.moniker, [about.website, about.details].filter((text) => text && text !== UNCHANGED).join(" · "))];
      if (message.commission_rate) rows.push(row("You ask", `${percent(message.commission_rate)} commission`, `instead of ${percent(standing.validator.commission.rate)}. It cannot be changed again for 24 h.`));
      return rows;
    }
    case "/cosmos.slashing.v1beta1.MsgUnjail":
      return [row("You ask", "Leave the jail", "The validator signs again with the next blocks. Its node has to be in step by then, or it is jailed and slashed again.")];
    case "/cosmos.staking.v1beta1.MsgDelegate":
      return [row("You lock", amount(message.amount.amount, network), `more with your own validator. To get it back you wait ${duration(rules.unbondingSeconds)}.`)];
    case "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward":
      return [row("You get", amount(standing.validator?.rewards ?? "0", network), "or a little more: the rewards of your own stake until then.")];
    case "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission":
      return [row("You get", amount(standing.validator?.commissionEarned ?? "0", network), "or a little more: the commission until then.")];
    default:
      return [row("It does", message["@type"], "Read the exact message below.")];
  }
}

function keyRow(pubkey, key) {
  const same = key?.pubkey === pubkey;
  const mark = h("dd", { class: "value key", title: pubkey }, short(pubkey, 8, 5), " ", same && key.source === "app" ? glyph("good", "the same key") : "");
  const note = !same ? "another key than the one you chose" : key.source === "app" ? "the key your app shows. It is the same." : key.source === "cloud" ? "the key your cloud node made." : "the key you pasted. Compare it with Keys in the app.";
  return h("div", {}, h("dt", {}, "It signs with"), mark, h("dd", { class: "note" }, note));
}

/** What the wallet pays beside the fee. */
function spends(messages) {
  return messages.reduce((sum, message) => sum + BigInt(message.value?.amount ?? message.amount?.amount ?? 0), 0n);
}

/** The rows of a transaction: what it does, what it costs, what the wallet has then. */
export function reviewRows(unsigned, facts) {
  const { network, standing } = facts;
  const messages = unsigned.jsonDocument.body.messages;
  const fee = BigInt(unsigned.feeAmount);
  const now = BigInt(standing.balance);
  const after = now - fee - spends(messages);
  return h(
    "dl", { class: "card rows" },
    messages.map((message) => messageRows(message, facts)),
    row("You pay", amount(fee, network), `fee, at most (${count(unsigned.gasLimit)} gas at ${trimmed(unsigned.gasPrice)} ${network.denom}).`),
    row("Your wallet", balances(now, after, network), `chain, block ${count(standing.height)}`, "sum"),
  );
}

function balances(now, after, network) {
  const before = h("span", { class: "before" }, `${amount(now, network)} now `, h("span", { "aria-hidden": "true" }, "› "));
  return [before, after < 0n ? "not enough after" : `${amount(after, network)} after`];
}

/** What a new validator can lose, from the chain's live parameters. */
export function risks(unsigned, { network, standing }) {
  const created = unsigned.jsonDocument.body.messages.find((one) => one["@type"].endsWith("MsgCreateValidator"));
  if (!created) return null;
  const rules = standing.rules;
  const stake = amount(created.value.amount, network);
  const offline = rules.blockSeconds ? ` (about ${duration((rules.mayMiss + 1) * rules.blockSeconds)} offline)` : "";
  return h(
    "section", { class: "card notice" }, glyph("warn"),
    h("div", {}, h("h2", {}, "What you can lose"), h("p", { class: "t2" },
      `Signing twice with this key costs ${percent(rules.slashDoubleSign)} of the ${stake} and the validator for good. ` +
      `Missing ${count(rules.mayMiss + 1)} of ${count(rules.signedBlocksWindow)} blocks${offline} costs ${percent(rules.slashDowntime)} and a jail of at least ${duration(rules.jailSeconds)}.`)),
  );
}

/** The exact message, folded away. */
export function exact(unsigned) {
  const text = JSON.stringify(unsigned.jsonDocument, null, 1);
  const types = unsigned.jsonDocument.body.messages.map((one) => one["@type"].split(".").at(-1)).join(", ");
  const size = atob(unsigned.signDoc.bodyBytes).length;
  const copy = h("button", { type: "button", class: "plain small", on: { click: () => navigator.clipboard.writeText(text) } }, "Copy");
  return h(
    "details", { class: "card exact" },
    h("summary", {}, "Show the exact message", h("span", { class: "t3" }, `${types}, ${count(size)} bytes`)),
    h("div", {}, copy), h("pre", { tabindex: 0 }, text),
  );
}
