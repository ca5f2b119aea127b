// SPDX-License-Identifier: Apache-2.0
// Cloud validators of this wallet: their node, stop and redeploy.

import * as api from "../api.js";
import { count } from "../amounts.js";
import { announce, button, fill, h } from "../dom.js";
import { problemCard } from "../problem_card.js";
import { clock } from "../words.js";

const POLL_SECONDS = 10;

export class CloudCard {
  constructor(wallet) {
    this.wallet = wallet;
    this.body = h("div", { class: "card-inner" });
    this.trouble = h("div", {});
    this.element = h("section", { class: "card", hidden: true, id: "cloud-card" }, h("h2", {}, "In the cloud"), this.trouble, this.body);
  }

  begin() {
    this.#read();
    setInterval(() => this.#read(), POLL_SECONDS * 1000);
  }

  async #read() {
    try {
      const found = (await api.setups(this.wallet.address)).filter((one) => one.setupRequest.runMode === "cloud" && one.setupRequest.status !== "cancelled");
      this.element.hidden = !found.length;
      fill(this.body, found.map((one) => this.#one(one)));
    } catch (problem) {
      if (!this.element.hidden) fill(this.trouble, problemCard(problem));
    }
  }

  #one({ setupRequest: setup, node }) {
    const facts = [
      ["Validator", setup.validatorName], ["Request", setup.status.replaceAll("_", " ")],
      ["Node", node ? node.status : "none yet"],
      ["Height", node?.lastBlockHeight == null ? "unknown" : count(node.lastBlockHeight)],
      ["Looked at", node?.lastHealthCheck ? clock(Date.parse(node.lastHealthCheck) / 1000) : "never"],
      setup.errorMessage && ["Trouble", setup.errorMessage],
    ].filter(Boolean);
    return [
      h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      h("div", { class: "buttons" },
        button("Stop. Blocks will be missed", () => this.#act("Stopping it.", api.stopCloud, setup.id), "small", { disabled: !node }),
        button("Redeploy with the same key", () => this.#act("Deploying it anew.", api.redeployCloud, setup.id), "small")),
    ];
  }

  async #act(words, call, id) {
    fill(this.trouble);
    try {
      await call(id, await this.wallet.signIn());
      announce(words);
    } catch (problem) {
      fill(this.trouble, problemCard(problem));
    }
    this.#read();
  }
}
