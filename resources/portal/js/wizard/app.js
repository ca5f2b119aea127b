// SPDX-License-Identifier: Apache-2.0
// Step: find the app on this computer, be allowed, take its public key.

import { Bridge, handheld, permission } from "../bridge.js";
import { announce, button, fill, h, title } from "../dom.js";
import { problemCard } from "../problem_card.js";
import { codes, limits, Pairing, whatAnswered } from "../pairing.js";
import { elsewhere, ways } from "./ways.js";

const SCOPES = ["read"];

export async function showApp(wizard) {
  const bridge = new Bridge(wizard.network.bridgePort);
  const heading = title("Find your app", "One-Click Validator keeps the key that signs blocks. This site needs its public half.");
  const body = h("div", { class: "column inner" });
  const go = button("Continue", () => wizard.next(), "primary push", { disabled: true });
  const note = h("span", { class: "t2 push" });
  const set = (words, ...content) => {
    fill(heading, ...words);
    fill(body, ...content);
  };
  wizard.turn(heading, body, h("div", { class: "bar" }, button("Back", () => wizard.back()), note, go));
  const pasted = (key) => {
    wizard.keep({ key: { pubkey: key, source: "pasted" } });
    wizard.next();
  };
  const help = (words) => ways(words, () => look(), pasted);

  /** Take the key of a paired app; a validator of another network is not offered. */
  const watch = () => {
    const end = bridge.watch((nodes) => {
      const fit = nodes.filter((node) => node.chainId === wizard.network.chainId && node.consensusPubkey);
      note.textContent = "";
      if (fit.length) {
        const node = fit[0];
        wizard.keep({ key: { pubkey: node.consensusPubkey.key, source: "app", moniker: node.moniker, node: node.id } });
        go.disabled = false;
        set(words("Your app is paired.", "Its key goes into the transaction; the private half stays where it is."),
          h("section", { class: "card" }, whatAnswered(bridge, node)), limits(SCOPES));
        return;
      }
      go.disabled = true;
      const other = nodes.find((node) => node.chainId !== wizard.network.chainId);
      const why = other
        ? `The app’s validator is for ${other.chainId}; this site serves ${wizard.network.chainId}. Add a validator of this network in the app.`
        : "The app has no validator with a key yet. Make one in the app; this page goes on by itself.";
      set(words("Your app has no validator for this network.", why), help("No validator yet?"));
    }, (problem) => {
      go.disabled = true;
      if (!bridge.paired) begin();
      else set(words("The app has gone.", "This page looks for it again by itself."), problemCard(problem), help("Does the app run?"));
    });
    wizard.leave(end);
  };

  const look = async () => {
    note.textContent = "";
    set(words("Looking for your app.", "Your browser may ask whether this site may reach programs on this computer. Choose Allow."));
    announce("Looking for the app.");
    const pairing = new Pairing(bridge, SCOPES);
    wizard.leave(() => pairing.end());
    try {
      await pairing.ask();
    } catch (problem) {
      const [heading, lead] = problem.code ? [problem.title, problem.todo] : await silence(bridge);
      announce(heading);
      set(words(heading, lead), help("Three ways on"));
      return;
    }
    note.textContent = "goes on by itself once allowed";
    set(words("We found your app.", "Does One-Click Validator show the same code? Then allow this site there."), ...codes(pairing), limits(SCOPES), help("Does the app show nothing?"));
    try {
      await pairing.allowed();
    } catch (problem) {
      if (pairing.ended) return;
      set(words("The app did not allow this site.", "Nothing was read."), problemCard(problem), help("Three ways on"));
      return;
    }
    announce("Allowed in the app.");
    watch();
  };

  const begin = async () => {
    if (handheld()) {
      set(words("The app runs on another device.", "Only a browser on the app’s own computer reaches it; this phone or tablet cannot. The public key is all that this site needs."), elsewhere(pasted));
      return;
    }
    const state = await permission();
    if (state === "granted") return look();
    const lead = state === "denied"
      ? "Your browser blocks this site from reaching programs on this computer. Change that in the site settings beside the address, or go on without."
      : "Your browser may ask whether this site may reach programs on this computer. The app itself then asks you too. Nothing is read before.";
    set(words("Find your app", lead),
      h("div", { class: "buttons" }, button("Look for the app", look, "primary", { id: "look" })), help("Or without the browser’s permission"));
  };

  if (bridge.paired) watch();
  else begin();
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Why nothing was heard. A site on this computer may need no permission, so "prompt" says less there. */
async function silence(bridge) {
  const state = await permission();
  if (state === "denied" || (state === "prompt" && !LOOPBACK.has(location.hostname))) {
    return ["Your browser does not let this site reach the app.", "It asks whether this site may reach programs on this computer, and did not get an Allow."];
  }
  if (state === "prompt") {
    return ["This site does not reach your app.", `Nothing answers at ${bridge.address}, or your browser asked whether this site may reach programs on this computer and did not get an Allow.`];
  }
  return ["Your app does not answer.", `Nothing answers at ${bridge.address}. It may not run, it may run on another computer, or another program has its place.`];
}

const words = (heading, lead) => [h("h1", { tabindex: -1 }, heading), h("p", { class: "lead" }, lead)];
