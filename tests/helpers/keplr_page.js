// SPDX-License-Identifier: Apache-2.0
// A wallet extension as a page sees it: Keplr's interface; the key is with the test.
(() => {
  const ask = async (act, given) => {
    const told = JSON.parse(await window.testWallet(JSON.stringify({ act, ...given })));
    if (told.error) throw new Error(told.error);
    return told;
  };
  const raw = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const key = async (chainId) => {
    const told = await ask("key", { chainId });
    return { name: "Test", algo: "secp256k1", pubKey: raw(told.pubKey), address: raw(told.raw), bech32Address: told.address, isNanoLedger: false };
  };
  window.keplr = {
    version: "0.12.0",
    mode: "extension",
    experimentalSuggestChain: (chain) => ask("suggest", { chain }),
    enable: (chainId) => ask("enable", { chainId }),
    getKey: key,
    signArbitrary: async (chainId, signer, data) => {
      const told = await ask("arbitrary", { chainId, signer, data });
      return { pub_key: { type: "tendermint/PubKeySecp256k1", value: told.pubKey }, signature: told.signature };
    },
    signDirect: async (chainId, signer, doc) => {
      if (!(doc.bodyBytes instanceof Uint8Array) || !(doc.authInfoBytes instanceof Uint8Array)) {
        throw new Error("bodyBytes and authInfoBytes have to be bytes");
      }
      const told = await ask("direct", {
        chainId, signer, docChainId: doc.chainId, accountNumber: String(doc.accountNumber),
        bodyBytes: base64(doc.bodyBytes), authInfoBytes: base64(doc.authInfoBytes),
      });
      return { signed: doc, signature: { pub_key: { type: "tendermint/PubKeySecp256k1", value: told.pubKey }, signature: told.signature } };
    },
  };
})();
