// SPDX-License-Identifier: Apache-2.0
// Cloud validators of this wallet: their node, its log, stop and redeploy.

import * as api from "../api.js";
import { count } from "../amounts.js";
import { announce, button, fill, h, renew } from "../dom.js";
import { problemCard } from "../problem_card.js";
import { clock, owedWords } from "../words.js";
import { CloudLog } from "./cloud_log.js";

const POLL_SECONDS = 10;

export class CloudCard {
  /** `tell` hears of each reading; the public keys of what runs here are in `keys`. */
  constructor(wallet, tell) {
    this.wallet = wallet;
    this.tell = tell;
    this.keys = new Set();
    this.unread = false;
    this.places = new Map();
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
      const found = (await api.setups(this.wallet.address)).filter((one) => one.setupRequest.runMode === "cloud" && (one.setupRequest.status !== "cancelled" || one.setupRequest.removalOwed));
      this.element.hidden = !found.length;
      const ids = found.map((one) => one.setupRequest.id);
      if (ids.join() !== [...this.places.keys()].join()) {
        this.places = new Map(found.map(({ setupRequest: { id, validatorName } }) => [id, this.places.get(id) ?? this.#place(id, validatorName)]));
        fill(this.body, [...this.places.values()].map((place) => [place.state, place.log.element]));
      }
      for (const one of found) this.#show(one);
      this.keys = new Set(found.map(({ setupRequest }) => setupRequest.consensusPubkey).filter(Boolean));
      this.tell();
      if (this.unread) fill(this.trouble);
      this.unread = false;
    } catch (problem) {
      this.unread = true;
      if (!this.element.hidden) fill(this.trouble, problemCard(problem));
    }
  }

  /** What stays of a validator between readings: a log that is open must not close. */
  #place(id, name) {
    return { state: h("div", { class: "card-inner" }), log: new CloudLog(this.wallet, id, name) };
  }

  #show({ setupRequest: setup, node }) {
    const { state, log } = this.places.get(setup.id);
    const facts = [
      ["Validator", setup.validatorName], ["Request", setup.status.replaceAll("_", " ")],
      ["Node", node ? node.status : "none yet"],
      ["Height", node?.lastBlockHeight == null ? "unknown" : count(node.lastBlockHeight)],
      ["Looked at", node?.lastHealthCheck ? clock(Date.parse(node.lastHealthCheck) / 1000) : "never"],
      setup.errorMessage && ["Trouble", setup.errorMessage],
      setup.removalOwed && ["Owed", owedWords(setup.removalOwed)],
    ].filter(Boolean);
    log.element.hidden = !node;
    renew(state,
      h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      h("div", { class: "buttons" },
        button("Stop. Blocks will be missed", () => this.#act("Stopping it.", api.stopCloud, setup.id), "small", { disabled: !node || setup.status === "cancelled", id: `stop-${setup.id}` }),
        button("Redeploy with the same key", () => this.#act("Deploying it anew.", api.redeployCloud, setup.id), "small", { disabled: setup.status === "cancelled", id: `redeploy-${setup.id}` })));
  }

  async #act(words, call, id) {
    fill(this.trouble);
    try {
      await call(id, await this.wallet.signIn());
      announce(words);
    } catch (problem) {
      if (problem.status === 401) this.wallet.forgetSession();
      fill(this.trouble, problemCard(problem));
    }
    this.#read();
  }
}
