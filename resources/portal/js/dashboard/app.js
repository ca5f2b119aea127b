// SPDX-License-Identifier: Apache-2.0
// The app on this computer: what its node does, and start and stop where the person allows it.

import { count } from "../amounts.js";
import { handheld } from "../bridge.js";
import { announce, button, fill, h, renew } from "../dom.js";
import { codes, limits, Pairing, stateLine } from "../pairing.js";
import { problemCard } from "../problem_card.js";
import { duration, uptime } from "../words.js";

/** Seconds after which a figure of the app, read every 5 s, is stale, and not known any more. */
const STALE_SECONDS = 15;
const UNKNOWN_SECONDS = 50;

/** A figure in words with its source and its age by now, not by when it was told. */
export function aged({ value, unknownWhy, stale, age, source }, heardAt, words) {
  if (value === null) return [`unknown: ${unknownWhy}`];
  const now = (age ?? 0) + Math.max(0, Date.now() / 1000 - heardAt);
  if (now > UNKNOWN_SECONDS) return [`unknown: last read ${duration(now)} ago`];
  const old = stale || now > STALE_SECONDS;
  return [words(value), " ", h("span", { class: old ? "t3 warn" : "t3" }, `${source}, ${old ? "stale, " : ""}${duration(now)} ago`)];
}

export class AppCard {
  constructor(bridge, network, tell) {
    this.bridge = bridge;
    this.network = network;
    this.tell = tell;
    this.nodes = [];
    this.body = h("div", { class: "card-inner" });
    this.trouble = h("div", {});
    this.element = h("section", { class: "card", id: "app-card" }, h("h2", {}, "The app on this computer"), this.trouble, this.body);
  }

  begin() {
    if (this.bridge.paired) this.#watch();
    else this.#offer();
  }

  /** Let the ages go on. */
  tick() {
    if (this.bridge.paired && this.nodes.length && !this.pairing) this.#show();
  }

  #offer(problem) {
    if (handheld()) {
      fill(this.body, h("p", { class: "t2" }, "The app runs on another device. Only a browser on that computer reaches it; open this page there to see its node, start and stop it."));
      return;
    }
    fill(this.trouble, problem && problemCard(problem));
    fill(this.body, h("p", { class: "t2" }, "Pair this site with One-Click Validator to see its node here. Your browser and the app both ask you."),
      h("div", { class: "buttons" }, button("Pair with the app…", () => this.#pair(["read"]), "small", { id: "pair" })));
  }

  async #pair(scopes) {
    const pairing = new Pairing(this.bridge, scopes);
    fill(this.trouble);
    try {
      await pairing.ask();
      this.pairing = pairing;
      fill(this.body, ...codes(pairing), limits(scopes));
      await pairing.allowed();
    } catch (problem) {
      this.pairing = null;
      if (this.bridge.paired) this.#show();
      else this.#offer(problem);
      fill(this.trouble, problemCard(problem));
      return;
    }
    this.pairing = null;
    announce("Allowed in the app.");
    this.#watch();
  }

  #watch() {
    this.end?.();
    this.end = this.bridge.watch((nodes) => {
      this.nodes = nodes.filter((node) => node.chainId === this.network.chainId);
      fill(this.trouble);
      this.tell(this.nodes);
      if (!this.pairing) this.#show();
    }, (problem) => {
      this.nodes = [];
      this.tell([]);
      if (!this.bridge.paired) this.#offer(problem);
      else {
        fill(this.trouble, problemCard(problem));
        fill(this.body, h("p", { class: "t2" }, "State unknown: the app does not answer. This page asks again by itself."));
      }
    });
  }

  #show() {
    if (this.acting) return;
    renew(this.body, this.nodes.length ? this.nodes.map((node) => this.#node(node)) : h("p", { class: "t2" }, `The app has no validator of ${this.network.chainId}.`));
  }

  #node(node) {
    const figure = (told, words) => aged(told, node.heardAt, words);
    const alive = ["running", "syncing", "starting"].includes(node.state);
    const facts = [
      ["Validator", node.moniker], ["State", stateLine(node)],
      ["Height", figure(node.height, count)], ["Network", figure(node.networkHeight, count)],
      ["Peers", !alive ? "none: the node does not run" : node.peers === null ? "unknown" : count(node.peers)],
      ["Signer", figure(node.signer, (signer) => (signer.connected ? (signer.height === null ? "connected, never signed" : `connected, signed block ${count(signer.height)}`) : "not connected"))],
      ["Up", node.startedAt ? uptime(Date.now() / 1000 - node.startedAt) : "not running"],
    ];
    return [h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])), this.#controls(node)];
  }

  #controls(node) {
    if (!this.bridge.may("control")) {
      return h("div", { class: "buttons" }, button("Allow start and stop…", () => this.#pair(["read", "control"]), "small", { id: "ask-control" }));
    }
    const act = (verb, words, kind = "small") => button(words, () => this.#act(node, verb), kind, { id: `app-${verb}`, "data-node": node.id });
    const runs = ["running", "syncing", "starting", "backoff"].includes(node.state);
    return h("div", { class: "buttons" }, runs ? [act("stop", "Stop. Blocks will be missed"), act("restart", "Restart")] : act("start", "Start"));
  }

  async #act(node, verb) {
    this.acting = true;
    fill(this.trouble);
    fill(this.body, h("p", { class: "t2" }, `Asked the app to ${verb} “${node.moniker}”.`));
    try {
      await this.bridge.control(node.id, verb);
      announce(`The app did it: ${verb}.`);
    } catch (problem) {
      fill(this.trouble, problemCard(problem));
    }
    this.acting = false;
    this.#show();
  }
}
