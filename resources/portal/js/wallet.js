// SPDX-License-Identifier: Apache-2.0
// Wallets with Keplr's interface (docs.keplr.app): find, connect, sign in, sign.

import * as api from "./api.js";
import { Problem } from "./api.js";

const KNOWN = [
  ["keplr", "Keplr", () => window.keplr],
  ["leap", "Leap", () => window.leap],
  ["cosmostation", "Cosmostation", () => window.cosmostation?.providers?.keplr],
];
const REMEMBERED = "portal.wallet";
const SESSION = "portal.session";

/** Wallets of this browser: id, name and their interface. */
export const wallets = () =>
  KNOWN.map(([id, name, get]) => ({ id, name, provider: get() })).filter((one) => one.provider);

/** Extensions put themselves into the page while it loads; wait for them a moment. */
export async function settled() {
  if (document.readyState !== "complete") await new Promise((go) => window.addEventListener("load", go, { once: true }));
  for (let tries = 0; !wallets().length && tries < 5; tries += 1) await new Promise((go) => setTimeout(go, 100));
  return wallets();
}

function refused(wallet, error, act) {
  const said = error?.message ?? String(error);
  const no = /reject|denied|cancel/i.test(said);
  return new Problem({
    title: no ? `You refused in ${wallet.name}.` : `${wallet.name} ${act}.`,
    detail: no ? "Nothing was signed or sent." : said,
    todo: no ? "Try again when you are ready." : `Open ${wallet.name} and try again.`,
    code: "wallet-refused",
  });
}

/** A connected wallet. */
export class Connected {
  constructor(wallet, network, key) {
    this.id = wallet.id;
    this.name = wallet.name;
    this.provider = wallet.provider;
    this.network = network;
    this.address = key.bech32Address;
    this.label = key.name ?? "";
    this.publicKey = base64(key.pubKey);
  }

  /** A session of the orchestrator: asked once, kept while this tab is open. */
  async signIn() {
    const kept = JSON.parse(sessionStorage.getItem(SESSION) ?? "null");
    if (kept?.walletAddress === this.address && Date.parse(kept.expiresAt) > Date.now() + 30_000) return kept.token;
    const { nonce, message } = await api.nonce(this.address);
    let signed;
    try {
      signed = await this.provider.signArbitrary(this.network.chainId, this.address, message);
    } catch (error) {
      throw refused(this, error, "did not sign the message");
    }
    const made = await api.session({
      walletAddress: this.address, nonce, pubKey: signed.pub_key.value, signature: signed.signature,
    });
    sessionStorage.setItem(SESSION, JSON.stringify(made));
    return made.token;
  }

  /** The service knows the session no more; the next sign-in asks the wallet. */
  forgetSession() {
    sessionStorage.removeItem(SESSION);
  }

  /** What the wallet returns for the document that the orchestrator built. */
  async sign(signDoc) {
    let answer;
    try {
      answer = await this.provider.signDirect(
        this.network.chainId,
        this.address,
        {
          bodyBytes: raw(signDoc.bodyBytes), authInfoBytes: raw(signDoc.authInfoBytes),
          chainId: signDoc.chainId, accountNumber: signDoc.accountNumber,
        },
        { preferNoSetFee: true, preferNoSetMemo: true },
      );
    } catch (error) {
      throw refused(this, error, "did not sign");
    }
    return {
      bodyBytes: base64(answer.signed.bodyBytes), authInfoBytes: base64(answer.signed.authInfoBytes),
      signature: answer.signature.signature,
    };
  }
}

/** Ask a wallet for its account on this chain; it is told of the chain first. */
export async function connect(wallet, network) {
  try {
    if (network.wallet) await wallet.provider.experimentalSuggestChain(network.wallet);
    await wallet.provider.enable(network.chainId);
    const key = await wallet.provider.getKey(network.chainId);
    localStorage.setItem(REMEMBERED, wallet.id);
    return new Connected(wallet, network, key);
  } catch (error) {
    throw refused(wallet, error, "did not connect");
  }
}

/** The wallet of an earlier page, without a question where the wallet needs none. */
export async function reconnect(network) {
  const id = localStorage.getItem(REMEMBERED);
  const wallet = id && (await settled()).find((one) => one.id === id);
  if (!wallet) return null;
  try {
    return new Connected(wallet, network, await wallet.provider.getKey(network.chainId));
  } catch {
    return null;
  }
}

/** Forget the wallet on this site. */
export function disconnect() {
  localStorage.removeItem(REMEMBERED);
  sessionStorage.removeItem(SESSION);
}

/** Call `act` when the person chooses another account in the wallet. */
export const onChange = (act) => {
  for (const name of ["keplr_keystorechange", "leap_keystorechange"]) window.addEventListener(name, act);
};

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const raw = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
