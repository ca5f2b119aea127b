// SPDX-License-Identifier: Apache-2.0
// One wallet's validator at a glance, and what can be done about it.

import * as api from "../api.js";
import { Bridge } from "../bridge.js";
import { byId, button, fill, h, renew, title, turnTo } from "../dom.js";
import { showPages, showWallet } from "../head.js";
import { follow } from "../live.js";
import { problemCard } from "../problem_card.js";
import { connect, onChange, reconnect, settled } from "../wallet.js";
import { AppCard } from "./app.js";
import { CloudCard } from "./cloud.js";
import { acts } from "./acts.js";
import { stateCard } from "./state.js";
import { tiles } from "./tiles.js";

const RETICK_SECONDS = 5;

class Dashboard {
  constructor(network, wallet) {
    this.network = network;
    this.wallet = wallet;
    this.standing = null;
    this.nodes = [];
    this.head = h("div", {});
    this.trouble = h("div", {});
    this.figures = h("div", {});
    this.actions = h("div", {});
    this.app = new AppCard(new Bridge(network.bridgePort), network, (nodes) => { this.nodes = nodes; this.show(); });
    this.cloud = new CloudCard(wallet, () => this.show());
  }

  begin() {
    const main = byId("main");
    main.classList.add("wide");
    turnTo(main, h("h1", { class: "unseen" }, "Your validator"), this.head, this.trouble, this.figures, this.actions, this.app.element, this.cloud.element);
    follow(api.standingEvents(this.wallet.address), {
      standing: (standing) => { this.standing = standing; fill(this.trouble); this.show(); },
      trouble: (problem) => fill(this.trouble, problemCard(problem)),
    }, async () => ["standing", await api.standing(this.wallet.address)]);
    setInterval(() => {
      this.show();
      this.app.tick();
    }, RETICK_SECONDS * 1000);
    this.app.begin();
    this.cloud.begin();
    this.show();
  }

  /** Whether this service runs the node of this validator. */
  get inCloud() {
    return this.cloud.keys.has(this.standing?.validator?.consensusPubkey);
  }

  /** The node of this validator on this computer, where the app is paired. */
  get node() {
    const key = this.standing?.validator?.consensusPubkey;
    return this.nodes.find((node) => node.consensusPubkey?.key === key) ?? null;
  }

  show() {
    renew(this.head, stateCard(this));
    renew(this.figures, this.standing?.validator && tiles(this));
    renew(this.actions, this.standing?.validator && acts(this));
  }
}

async function askForWallet(network, main) {
  const found = await settled();
  const trouble = h("div", {});
  const join = async (wallet) => {
    try {
      begin(network, await connect(wallet, network));
    } catch (problem) {
      fill(trouble, problemCard(problem));
    }
  };
  const lead = found.length ? "The wallet tells which validator is yours. It signs nothing for that." : "No wallet answers in this browser. Install Keplr, then load this page again.";
  turnTo(main, title("Your validator", lead), h("div", { class: "buttons" }, found.map((wallet) => button(`Connect ${wallet.name}`, () => join(wallet), "primary"))), trouble);
}

function begin(network, wallet) {
  showWallet(wallet);
  new Dashboard(network, wallet).begin();
}

async function main() {
  showPages("/dashboard");
  onChange(() => location.reload());
  try {
    const network = await api.network();
    const wallet = await reconnect(network);
    if (wallet) begin(network, wallet);
    else await askForWallet(network, byId("main"));
  } catch (problem) {
    turnTo(byId("main"), title("Your validator"), problemCard(problem));
  }
}

main();
