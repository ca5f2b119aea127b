// SPDX-License-Identifier: Apache-2.0
// The app on this computer, through its bridge: found, paired with, read, controlled.

import { ask, NoAnswer } from "./api.js";
import { events } from "./live.js";

const TOKEN = "portal.bridge";
const PERMISSIONS = ["loopback-network", "local-network-access"];
const POLL_SECONDS = 3;

/**
 * What the browser says about reaching this computer: "granted", "prompt", "denied",
 * or "unasked" where it has no such permission (before Chrome 142, Firefox, Safari).
 */
export async function permission() {
  for (const name of PERMISSIONS) {
    try {
      return (await navigator.permissions.query({ name })).state;
    } catch {
      // this browser does not know the name
    }
  }
  return "unasked";
}

/** Whether this is a phone or a tablet, on which no app of ours runs; an iPad calls itself a Mac. */
export function handheld() {
  const agent = navigator.userAgent;
  return /Android|iPhone|iPad|iPod/.test(agent) || (agent.includes("Macintosh") && navigator.maxTouchPoints > 1);
}

export class Bridge {
  constructor(port) {
    this.address = `127.0.0.1:${port}`;
    this.url = `http://${this.address}`;
    this.#read();
  }

  #pairing = null;

  #read() {
    this.#pairing = JSON.parse(localStorage.getItem(TOKEN) ?? "null");
    if (this.#pairing?.url !== this.url) this.#pairing = null;
  }

  #keep(pairing) {
    this.#pairing = pairing;
    if (pairing) localStorage.setItem(TOKEN, JSON.stringify(pairing));
    else localStorage.removeItem(TOKEN);
  }

  get paired() {
    return this.#pairing !== null;
  }

  may(scope) {
    return this.#pairing?.scopes.includes(scope) ?? false;
  }

  #ask(path, options = {}) {
    return ask(this.url + path, { targetAddressSpace: "loopback", seconds: 60, ...options });
  }

  /** Ask the person at the app; the answer has the code that both sides show. */
  async pair(scopes) {
    return this.#ask("/v1/pairing", { method: "POST", body: { scopes } });
  }

  /** Whether the person has allowed `request` by now. */
  async claim(request) {
    const told = await this.#ask("/v1/pairing/claim", { method: "POST", body: { id: request.id, code: request.code } });
    if (told.state === "paired") this.#keep({ url: this.url, token: told.token, scopes: told.scopes });
    return told.state === "paired";
  }

  /** What the app tells sites before they are paired, null where it tells them nothing. */
  async glance() {
    try {
      return (await this.#ask("/status")).status;
    } catch {
      return null;
    }
  }

  async #paired(path, options) {
    try {
      return await this.#ask(path, { ...options, token: this.#pairing?.token });
    } catch (problem) {
      if (problem.code === "not-paired" || problem.code === "foreign-origin") this.#keep(null);
      // An answer that the app gives to no site of ours is not readable at all.
      if (problem instanceof NoAnswer && (await this.#lostOnly())) this.#keep(null);
      throw problem;
    }
  }

  /** Whether the app is there and only our pairing is gone: a claim of nothing is then refused. */
  async #lostOnly() {
    try {
      await this.#ask("/v1/pairing/claim", { method: "POST", body: { id: "none", code: "000000" } });
    } catch (problem) {
      return !(problem instanceof NoAnswer);
    }
    return false;
  }

  async nodes() {
    return (await this.#paired("/v1/nodes")).nodes;
  }

  /** Start, stop or restart a validator; needs the scope "control". */
  control(id, verb) {
    return this.#paired(`/v1/nodes/${id}/${verb}`, { method: "POST", body: {}, seconds: 180 });
  }

  /** Call `tell` with all nodes now and at each change, `fail` when the app is gone; returns the end. */
  watch(tell, fail) {
    const ending = new AbortController();
    const nodes = new Map();
    const take = (node) => nodes.set(node.id, { ...node, heardAt: Date.now() / 1000 });
    const run = async () => {
      while (!ending.signal.aborted) {
        try {
          for (const node of await this.nodes()) take(node);
          tell([...nodes.values()]);
          for await (const [name, content] of events(`${this.url}/v1/events`, this.#pairing?.token, ending.signal)) {
            if (name === "node") take(content);
            else if (name === "removed") nodes.delete(content.id);
            else continue;
            tell([...nodes.values()]);
          }
        } catch (problem) {
          if (ending.signal.aborted) return;
          if (problem.title) fail(problem);
          if (!this.paired) return;
        }
        await new Promise((go) => setTimeout(go, POLL_SECONDS * 1000));
      }
    };
    run();
    return () => ending.abort();
  }
}
