// SPDX-License-Identifier: Apache-2.0
// The first page: what this is, and the two ways on.

import * as api from "./api.js";
import { byId, card, h, title, turnTo } from "./dom.js";
import { glyph } from "./glyphs.js";
import { showPages, showWallet } from "./head.js";
import { problemCard } from "./problem_card.js";
import { reconnect } from "./wallet.js";

const line = (state, text) => h("li", { class: "line" }, glyph(state, ""), h("span", {}, text));

async function main() {
  showPages("/");
  let network;
  try {
    network = await api.network();
  } catch (problem) {
    turnTo(byId("main"), title("Validator portal"), problemCard(problem));
    return;
  }
  const cloud = network.cloudProviders.length
    ? "In the cloud: this service runs the node for you."
    : "In the cloud: not offered by this service.";
  turnTo(
    byId("main"),
    title(`Run a validator of ${network.displayName}.`, "A validator is a computer that signs the blocks of the chain. Yours earns for that, and pays when it is absent or signs twice."),
    h("div", { class: "pair" },
      card("What you need", h("ul", { class: "tasks" },
        line("good", `A wallet with ${network.displayDenom} (Keplr, or one with the same interface).`),
        line("good", "On this computer: the app One-Click Validator, running."),
        line(network.cloudProviders.length ? "good" : "never", cloud))),
      card("What stays where it is", h("ul", { class: "tasks" },
        line("good", "Your wallet’s key stays in the wallet: it signs what you approve there."),
        line("good", "The key that signs blocks stays in the app, encrypted."),
        line("never", "This site sees neither of them."))),
    ),
    h("div", { class: "bar" }, h("a", { class: "button", href: "/dashboard" }, "Your validator"), h("a", { class: "button primary push", href: "/wizard" }, "Become a validator")),
    h("p", { class: "t3" }, `Chain ${network.chainId}. Nothing is loaded from other sites.`),
  );
  showWallet(await reconnect(network));
}

main();
