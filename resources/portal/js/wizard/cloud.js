// SPDX-License-Identifier: Apache-2.0
// Step: the service makes a node in the cloud; its public key comes from there.

import * as api from "../api.js";
import { announce, button, fill, h, title } from "../dom.js";
import { glyph } from "../glyphs.js";
import { problemCard } from "../problem_card.js";
import { build } from "../transaction.js";
import { owedWords } from "../words.js";
import { createWish } from "./details.js";

const POLL_SECONDS = 2;
const WAY = [
  ["pending", "The request"], ["provisioning", "Machine and program"],
  ["configuring", "Key, genesis and start"], ["ready_for_chain_tx", "Ready for the transaction"],
];

export async function showCloud(wizard) {
  const body = h("div", { class: "column inner" });
  const go = button("Continue", () => onward(), "primary push", { disabled: true });
  const cancel = button("Give it up", () => giveUp(), "", { disabled: true });
  wizard.turn(title("Your node in the cloud", "The service makes the node and its key. You sign once now, so that it knows the wallet is yours; this moves no funds."),
    body, h("div", { class: "bar" }, button("Back", () => wizard.back()), cancel, go));
  let ended = false;
  wizard.leave(() => { ended = true; });

  const fail = (problem, again) => fill(body, problemCard(problem, button("Try again", again)));

  const request = async () => {
    fill(body, h("p", { class: "line" }, glyph("wait"), `Waiting for ${wizard.wallet.name}.`));
    try {
      const token = await wizard.wallet.signIn();
      const { profile, rate } = wizard.kept.details;
      const made = await api.askSetup({
        walletAddress: wizard.wallet.address, validatorName: profile.moniker, website: profile.website || null,
        description: profile.details || null, commissionRate: rate, runMode: "cloud", provider: wizard.network.cloudProviders[0],
      }, token);
      wizard.keep({ setupId: made.setupRequest.id });
      follow();
    } catch (problem) {
      fail(problem, request);
    }
  };

  const follow = async () => {
    while (!ended) {
      let told;
      try {
        told = await api.setup(wizard.kept.setupId);
      } catch (problem) {
        if (problem.status === 404) wizard.keep({ setupId: null });
        fail(problem, problem.status === 404 ? request : follow);
        return;
      }
      if (ended) return;
      show(told.setupRequest, told.node);
      if (["ready_for_chain_tx", "active", "failed", "cancelled"].includes(told.setupRequest.status)) return;
      await new Promise((next) => setTimeout(next, POLL_SECONDS * 1000));
    }
  };

  const show = (setup, node) => {
    const place = WAY.findIndex(([status]) => status === setup.status);
    cancel.disabled = ["active", "cancelled"].includes(setup.status);
    if (setup.status === "failed" || setup.status === "cancelled") {
      const failed = setup.status === "failed";
      announce(failed ? "The cloud node failed." : "Given up.");
      fill(body, problemCard({ title: failed ? "The node was not made." : "The request was given up.", why: [setup.errorMessage, setup.removalOwed && owedWords(setup.removalOwed)].filter(Boolean).join(" "), todo: failed ? "Ask again; what was made for it is removed." : "" }, button("Ask again", () => { wizard.keep({ setupId: null }); request(); })));
      return;
    }
    announce(WAY[place]?.[1] ?? setup.status);
    fill(body, h("section", { class: "card" }, h("ul", { class: "tasks" }, WAY.map(([, name], index) => h(
      "li", {}, glyph(index < place || place === WAY.length - 1 || place < 0 ? "good" : index === place ? "busy" : "later"),
      h("span", { class: "what" }, name),
      h("span", { class: "result" }, index === place && node ? `node ${node.status}` : index > place && place >= 0 ? `waits for ${WAY[index - 1][1].toLowerCase()}` : ""),
    )))));
    if (setup.consensusPubkey && place === WAY.length - 1) {
      wizard.keep({ key: { pubkey: setup.consensusPubkey, source: "cloud" } });
      go.disabled = false;
    }
  };

  const onward = async () => {
    go.disabled = true;
    try {
      wizard.unsigned = await build(wizard.wallet, createWish(wizard.kept.details, wizard.kept.key.pubkey));
      wizard.next();
    } catch (problem) {
      fail(problem, follow);
      go.disabled = false;
    }
  };

  const giveUp = async () => {
    try {
      await api.cancelSetup(wizard.kept.setupId, await wizard.wallet.signIn());
      const told = await api.setup(wizard.kept.setupId);
      ended = true;
      show(told.setupRequest, told.node);
    } catch (problem) {
      fail(problem, follow);
    }
  };

  if (wizard.kept.setupId) follow();
  else fill(body, h("div", { class: "buttons" }, button(`Sign in with ${wizard.wallet.name} and ask for the node`, request, "primary")));
}
