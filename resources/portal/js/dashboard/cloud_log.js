// SPDX-License-Identifier: Apache-2.0
// The log of a cloud node, for its owner: its last lines, followed while it is open.

import * as api from "../api.js";
import { button, fill, h } from "../dom.js";
import { logLine } from "../log_line.js";
import { problemCard } from "../problem_card.js";

const FOLLOW_SECONDS = 3;
const FEW = 100;
/** As many as the service keeps (bridge/orchestrator/node_logs.py). */
const MANY = 1000;
/** Pixels from the end within which the reader is at the end. */
const NEAR = 24;
const TONES = { error: "bad", warn: "warn", debug: "t2" };

export class CloudLog {
  #token = null;
  #timer = 0;
  /** Counts openings and longer readings: an answer to an earlier one is not shown. */
  #turn = 0;

  constructor(wallet, setupId, name) {
    this.wallet = wallet;
    this.setupId = setupId;
    this.lines = FEW;
    this.trouble = h("div", {});
    this.text = h("pre", { class: "log", tabindex: "0", hidden: true, "aria-label": `Log of ${name}`, on: { scroll: () => this.#held() } });
    this.newest = button("Go to the newest line", () => this.#toEnd(), "small", { hidden: true });
    this.more = button("Show 1,000 lines", () => this.#longer(), "small", { hidden: true });
    this.read = h("p", { class: "t3" });
    this.element = h("details", { class: "log-of-node", on: { toggle: () => (this.element.open ? this.#open() : this.#close()) } },
      h("summary", {}, "Log of the node"), this.trouble, this.text, this.read, h("div", { class: "buttons" }, this.newest, this.more));
  }

  async #open() {
    this.#close();
    const turn = this.#turn;
    fill(this.trouble);
    if (!this.text.textContent) this.read.textContent = `Only its owner reads it: ${this.wallet.name} signs you in once, which moves no funds.`;
    try {
      this.#token = await this.wallet.signIn();
    } catch (problem) {
      fill(this.trouble, problemCard(problem, button("Try again", () => this.#open(), "small")));
      return;
    }
    if (turn !== this.#turn) return;
    if (!this.text.textContent) this.read.textContent = "Reading it.";
    this.#follow(turn);
  }

  #close() {
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  async #follow(turn) {
    if (!document.hidden) {
      try {
        const told = await api.cloudLog(this.setupId, this.lines, this.#token);
        if (turn !== this.#turn) return;
        fill(this.trouble);
        this.#show(told);
      } catch (problem) {
        if (turn !== this.#turn) return;
        if (problem.status === 401) {
          this.wallet.forgetSession();
          fill(this.trouble, problemCard(problem, button("Sign in again", () => this.#open(), "small")));
          return;
        }
        fill(this.trouble, problemCard(problem));
      }
    }
    this.#timer = setTimeout(() => this.#follow(turn), FOLLOW_SECONDS * 1000);
  }

  /** New lines move nothing under the eyes of somebody who has scrolled up. */
  #show({ lines, readAt }) {
    const atEnd = this.#atEnd;
    this.latest = lines;
    if (atEnd) this.#paint();
    this.more.hidden = this.lines === MANY || lines.length < this.lines;
    const count = lines.length.toLocaleString("en-US");
    this.read.textContent = lines.length ? `The last ${count} lines, read at ${new Date(readAt).toLocaleTimeString()}.` : "The node has written nothing yet.";
    this.#held();
  }

  get #atEnd() {
    return this.text.hidden || this.text.scrollHeight - this.text.scrollTop - this.text.clientHeight < NEAR;
  }

  #paint() {
    fill(this.text, this.latest.map((line) => {
      const { level, words } = logLine(line);
      return h("span", { class: TONES[level] }, `${words}\n`);
    }));
    this.text.hidden = !this.latest.length;
    this.text.scrollTop = this.text.scrollHeight;
  }

  #held() {
    this.newest.hidden = this.#atEnd;
  }

  #toEnd() {
    this.#paint();
    this.#held();
    this.text.focus();
  }

  #longer() {
    this.lines = MANY;
    this.more.hidden = true;
    this.text.scrollTop = this.text.scrollHeight;
    this.#close();
    this.#follow(this.#turn);
  }
}
