// SPDX-License-Identifier: Apache-2.0
// Figures as they change: a stream of events, and asking again where streams do not pass.

const POLL_SECONDS = 4;
const SILENT_SECONDS = 12;

/**
 * Follow a Server-Sent Events address; ask with `poll` while the stream fails.
 * `handlers` maps event names to functions; `poll` resolves to [name, content].
 * Returns a function that ends it.
 */
export function follow(url, handlers, poll) {
  let ended = false;
  let timer = 0;
  let source = null;
  const tell = (name, content) => !ended && handlers[name]?.(content);

  const pollOnce = async () => {
    try {
      tell(...(await poll()));
    } catch (problem) {
      tell("trouble", problem);
    }
    if (!ended && timer) timer = setTimeout(pollOnce, POLL_SECONDS * 1000);
  };
  const startPolling = () => {
    if (!timer && !ended) timer = setTimeout(pollOnce, 0);
  };
  const stopPolling = () => {
    clearTimeout(timer);
    timer = 0;
  };

  const open = () => {
    source = new EventSource(url);
    for (const name of Object.keys(handlers)) {
      source.addEventListener(name, (event) => {
        stopPolling();
        tell(name, JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => {
      startPolling();
      if (source.readyState === EventSource.CLOSED && !ended) setTimeout(() => !ended && open(), SILENT_SECONDS * 1000);
    });
  };
  open();
  return () => {
    ended = true;
    stopPolling();
    source.close();
  };
}

/** Events of a stream that needs an Authorization header, which EventSource cannot send. */
export async function* events(url, token, signal) {
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store", credentials: "omit", signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block);
      const data = /^data: (.*)$/m.exec(block);
      if (name && data) yield [name[1], JSON.parse(data[1])];
    }
  }
}
