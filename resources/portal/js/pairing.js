// SPDX-License-Identifier: Apache-2.0
// Pairing with the app: both show the same code, the person allows it there.

import { Problem } from "./api.js";
import { count } from "./amounts.js";
import { h } from "./dom.js";
import { glyph } from "./glyphs.js";
import { ago, left } from "./words.js";

const POLL_SECONDS = 1.2;

/** One request to be paired. */
export class Pairing {
  constructor(bridge, scopes) {
    this.bridge = bridge;
    this.scopes = scopes;
    this.ended = false;
  }

  async ask() {
    this.request = await this.bridge.pair(this.scopes);
    this.until = Date.now() + this.request.seconds * 1000;
    this.glance = await this.bridge.glance();
    this.glancedAt = Date.now() / 1000;
  }

  get secondsLeft() {
    return (this.until - Date.now()) / 1000;
  }

  /** Return when the person has allowed it. */
  async allowed() {
    while (!this.ended) {
      if (this.secondsLeft <= 0) {
        throw new Problem({ title: "The request ran out.", detail: "Nobody answered it in the app in time.", todo: "Try again, and allow it in the app.", code: "ran-out" });
      }
      if (await this.bridge.claim(this.request)) return;
      await new Promise((go) => setTimeout(go, POLL_SECONDS * 1000));
    }
    throw new Error("ended");
  }

  end() {
    this.ended = true;
  }
}

/** The code, large, and what answered. */
export function codes(pairing) {
  const { code } = pairing.request;
  const waits = h("span", {}, "");
  const source = h("p", { class: "t3" });
  const tick = () => {
    source.textContent = `${pairing.bridge.address} · ${ago(pairing.glancedAt)}`;
    waits.textContent = `Waiting for your “Allow” in the app, ${left(pairing.secondsLeft)} left`;
    if (!pairing.ended && waits.isConnected) setTimeout(tick, 1000);
  };
  setTimeout(tick, 0);
  return [h(
    "section", { class: "card found" },
    h("div", {},
      h("p", { class: "t2" }, "Pairing code"),
      h("p", { class: "codes", role: "img", "aria-label": `Pairing code ${[...code].join(" ")}`, "data-code": code }, [...code].map((sign) => h("span", { "aria-hidden": "true" }, sign))),
      h("p", { class: "line t2" }, glyph("wait", ""), waits)),
    h("div", {}, whatAnswered(pairing.bridge, pairing.glance, source)),
  )];
}

/** Validator, network and state of what answered: a node when paired, a glance before. */
export function whatAnswered(bridge, told, source = h("p", { class: "t3" }, bridge.address)) {
  const rows = [];
  if (!told) {
    rows.push(["App", "One-Click Validator"], ["More", "after you allow it"]);
  } else if ("id" in told) {
    rows.push(["Validator", told.moniker], ["Network", told.chainId], ["State", stateLine(told)], ["Public key", h("span", { class: "fixed" }, told.consensusPubkey?.key ?? "none")]);
  } else if (told.running) {
    const height = told.blockHeight === null ? "height unknown" : `block ${count(told.blockHeight)}`;
    rows.push(["Validator", told.moniker], ["Network", told.network], ["State", [glyph(told.syncing ? "busy" : "good", ""), ` ${told.syncing ? "catching up" : "in step"}, ${height}`]]);
  } else {
    rows.push(["State", told.error]);
  }
  return [h("h2", {}, "What answered"), h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])), source];
}

/** The state of a node in a few words with its glyph. */
export function stateLine(node) {
  const registered = node.chain.registered.value;
  const tail = registered === null ? "" : registered ? ", registered" : ", not registered";
  const [shape, text] = {
    running: ["good", `in step${tail}`], syncing: ["busy", `catching up${tail}`], stopped: ["stopped", "stopped"],
    failed: ["bad", node.reason?.what ?? "failed"],
  }[node.state] ?? ["busy", node.state];
  return [glyph(shape, ""), ` ${text}`];
}

const CAN = {
  read: ["Read the public key and the state", "Read height, peers and version"],
  logs: ["Read the node’s log, which tells addresses"],
  control: ["Start, stop and restart the validator"],
};
const CANNOT = [
  ["", "See or move the private key"], ["control", "Stop the validator or sign for it"],
  ["logs", "Read the node’s log"], ["", "Read any other file of yours"],
];

/** What a pairing with `scopes` lets this site do, and what not. */
export function limits(scopes) {
  const line = (state, text) => h("li", { class: "line" }, glyph(state, ""), h("span", {}, text));
  const can = scopes.flatMap((scope) => CAN[scope]);
  const cannot = CANNOT.filter(([scope]) => !scopes.includes(scope)).map(([, text]) => text);
  if (scopes.includes("control")) cannot.splice(1, 0, "Sign anything");
  return h(
    "div", { class: "pair" },
    h("section", { class: "card" }, h("h2", {}, "Once allowed, this site can"), h("ul", { class: "card-inner" }, [...can, "Ask you again before anything more"].map((text) => line("good", text)))),
    h("section", { class: "card" }, h("h2", {}, "It cannot"), h("ul", { class: "card-inner" }, cannot.map((text) => line("never", text)))),
  );
}
