// SPDX-License-Identifier: Apache-2.0
// The way of a transaction: built, shown, signed, sent, followed into its block.

import * as api from "./api.js";
import { Problem } from "./api.js";

const POLL_SECONDS = 1.5;
const LONG_SECONDS = 60;

const sleep = (seconds) => new Promise((go) => setTimeout(go, seconds * 1000));

/** The unsigned transaction of what is wanted, for this wallet. */
export const build = (wallet, wanted) =>
  api.build({ ...wanted, walletAddress: wallet.address, pubKey: wallet.publicKey });

/**
 * Let the wallet sign, send, and wait for the block.
 * `tell(step, words)` hears "sign", "send", "block"; returns the hash and height.
 */
export async function signAndFollow(wallet, unsigned, tell) {
  tell("sign", `Waiting for ${wallet.name}. Compare the figures there.`);
  const signed = await wallet.sign(unsigned.signDoc);
  tell("send", "Sending it to the chain.");
  const { txHash } = await api.broadcast(signed);
  tell("block", "Sent. Waiting for a block to hold it.");
  const height = await included(txHash, tell);
  return { txHash, height };
}

async function included(txHash, tell) {
  const started = Date.now();
  for (let told = false; ; ) {
    let found = null;
    try {
      found = await api.seen(txHash);
    } catch (problem) {
      if (problem.status && problem.status < 500) throw problem;
      tell("block", `The service does not answer; the transaction is sent. Asking again.`);
    }
    if (found?.state === "included") return found.height;
    if (found?.state === "failed") {
      throw new Problem({
        title: "The chain refused the transaction in its block.", detail: found.reason,
        todo: "The fee was paid, nothing else happened. Mend the cause and try again.", code: "refused-in-block",
      });
    }
    if (!told && Date.now() - started > LONG_SECONDS * 1000) {
      tell("block", `Sent ${LONG_SECONDS} s ago and not in a block yet. Blocks may be slow; do not send it again. Hash ${txHash}.`);
      told = true;
    }
    await sleep(POLL_SECONDS);
  }
}
