// SPDX-License-Identifier: Apache-2.0
// JSON over HTTP: refusals come as problems (RFC 9457) with words for a person.

/** What happened, why and what to do, as it is shown. */
export class Problem extends Error {
  constructor({ title, detail = "", todo = "", code = "", status = 0, errors = [] }) {
    super(title);
    this.title = title;
    this.why = detail.startsWith(title) ? detail.slice(title.length).trim() : detail;
    this.todo = todo;
    this.code = code;
    this.status = status;
    this.errors = errors;
  }
}

/** Nothing answered: the network, the browser or a program that does not run. */
export class NoAnswer extends Problem {}

/** Ask and return the JSON; `fetch` may be told more in `options`. */
export async function ask(url, { method = "GET", body, token, seconds = 20, ...options } = {}) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(url, {
      method, headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(seconds * 1000),
      body: body === undefined ? undefined : JSON.stringify(body), ...options,
    });
  } catch (error) {
    throw new NoAnswer({
      title: "The service does not answer.",
      detail: error.name === "TimeoutError" ? `Nothing came within ${seconds} s.` : "The connection failed.",
      todo: "Check that this computer is online, then try again.",
    });
  }
  const told = await response.json().catch(() => null);
  if (!response.ok) throw new Problem(told?.title ? told : { title: "The service refused.", detail: `HTTP ${response.status}`, status: response.status });
  return told;
}

const BASE = "/api/v1";

export const network = () => ask(`${BASE}/portal/network`);
export const standing = (address) => ask(`${BASE}/portal/wallets/${address}`);
export const standingEvents = (address) => `${BASE}/portal/wallets/${address}/events`;
export const build = (transaction) => ask(`${BASE}/validators/transactions`, { method: "POST", body: { transaction }, seconds: 60 });
export const broadcast = (body) => ask(`${BASE}/validators/transactions/broadcast`, { method: "POST", body, seconds: 60 });
export const seen = (hash) => ask(`${BASE}/validators/transactions/${hash}`);
export const nonce = (walletAddress) => ask(`${BASE}/auth/nonce`, { method: "POST", body: { walletAddress } });
export const session = (body) => ask(`${BASE}/auth/session`, { method: "POST", body });
export const setups = (address) => ask(`${BASE}/validators/by-wallet/${address}`);
export const setup = (id) => ask(`${BASE}/validators/setup-requests/${id}`);
export const askSetup = (body, token) => ask(`${BASE}/validators/setup-requests`, { method: "POST", body, token });
export const cancelSetup = (id, token) => ask(`${BASE}/validators/setup-requests/${id}/cancel`, { method: "POST", body: {}, token });
export const stopCloud = (setupRequestId, token) => ask(`${BASE}/validators/stop`, { method: "POST", body: { setupRequestId }, token });
export const redeployCloud = (setupRequestId, token) => ask(`${BASE}/validators/redeploy`, { method: "POST", body: { setupRequestId }, token });
export const cloudLog = (id, lines, token) => ask(`${BASE}/validators/setup-requests/${id}/logs?lines=${lines}`, { token });
