import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { advance, freezeTime, settle, waitUntil } from '../../support/time.js';
import { rejectionOf } from '../../support/stub-account.js';
import { json, stubDokStamp } from '../../support/stub-server.js';
import { tokenHarness } from '../../support/token-harness.js';

const credentials = { clientId: 'client', clientSecret: 'secret' };
const TOKEN_TIMEOUT_MS = 200;

/** A token endpoint that answers while this thread is blocked. `requests()` counts what it has received. */
async function endpointInWorker({ hangs = 0, status = 200 } = {}) {
  const counts = new SharedArrayBuffer(8);
  const counted = new Int32Array(counts);
  const worker = new Worker(new URL('../../support/worker-server.mjs', import.meta.url), {
    workerData: { counts, hangs, status },
  });
  const [port] = (await once(worker, 'message')) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => Atomics.load(counted, 0),
    responses: () => Atomics.load(counted, 1),
    [Symbol.asyncDispose]: () => worker.terminate().then(() => {}),
  };
}

const accountAt = ({ url }: { url: string }) =>
  tokenHarness({ baseURL: url, ...credentials, tokenTimeout: TOKEN_TIMEOUT_MS });

/** Blocks the event loop until the time limit is long over, and until a condition of another thread holds. */
function block(until = () => true): void {
  const startedAt = performance.now();
  while (!until() || performance.now() - startedAt < 2 * TOKEN_TIMEOUT_MS) {
    // Nothing else runs in this thread.
  }
}

describe('a time limit that fires late', () => {
  it('reads the response that arrived while the event loop was blocked', async () => {
    await using endpoint = await endpointInWorker();
    await using harness = await accountAt(endpoint);
    const token = harness.tokens.getToken();
    // The connection is made and the request is sent in turns of the event loop.
    await waitUntil(() => endpoint.requests() > 0, Infinity);
    block(() => endpoint.responses() > 0);
    expect(await token).toBe('token_1');
    expect(harness.events.map(({ type }) => type)).toEqual(['issued']);
  });

  it('starts the attempt again for the callers that wait, if no response has arrived', async () => {
    await using endpoint = await endpointInWorker({ hangs: 1 });
    await using harness = await accountAt(endpoint);
    const token = harness.tokens.getToken();
    await waitUntil(() => endpoint.requests() > 0, Infinity);
    block();
    expect(await token).toBe('token_2');
    expect(harness.events.map(({ type }) => type)).toEqual(['issued']);
  });

  it('judges a refusal that arrived while the event loop was blocked, and sends no other request', async () => {
    await using endpoint = await endpointInWorker({ status: 429 });
    await using harness = await accountAt(endpoint);
    const failure = rejectionOf(harness.tokens.getToken());
    await waitUntil(() => endpoint.requests() > 0, Infinity);
    // In the phase of the event loop after sockets were read, so that the limit fires before the next read.
    await setImmediate();
    block(() => endpoint.responses() > 0);
    expect(await failure).toMatchObject({ code: 'token_rate_limited', attempts: 1 });
    expect(endpoint.requests()).toBe(1);
  });

  it('starts the attempt again once, however often the event loop is blocked', async () => {
    await using endpoint = await endpointInWorker({ hangs: Infinity });
    await using harness = await accountAt(endpoint);
    const failure = rejectionOf(harness.tokens.getToken());
    const settled = new AbortController();
    void failure.then(() => settled.abort());
    const { signal } = settled;
    for (let nth = 1; nth <= 4 && !signal.aborted; nth++) {
      await waitUntil(() => signal.aborted || endpoint.requests() >= Math.min(nth, 2), Infinity);
      if (!signal.aborted) block();
      for (let turn = 0; turn < 50 && !signal.aborted; turn++) await setImmediate();
    }
    expect(await failure).toMatchObject({ code: 'token_request_failed', attempts: 2 });
    expect(endpoint.requests()).toBe(2);
  });
});

describe('a credentials function that never answers', () => {
  it('is abandoned after tokenTimeout and called again by the next acquisition', async () => {
    await using server = await stubDokStamp();
    freezeTime();
    const answers: ((pair: typeof credentials) => void)[] = [];
    let calls = 0;
    await using harness = await tokenHarness({
      baseURL: server.url,
      tokenTimeout: 5_000,
      credentials: () => {
        calls++;
        return calls === 1 ? new Promise((resolve) => answers.push(resolve)) : credentials;
      },
    });
    const first = rejectionOf(harness.tokens.getToken());
    await advance(5_000);
    expect(await first).toMatchObject({ code: 'credentials_unavailable', attempts: 0 });
    await advance(1_000);
    expect(await settle(harness.tokens.getToken())).toBe('token_1');
    expect(calls).toBe(2);
  });

  it('has its late answer ignored', async () => {
    await using server = await stubDokStamp();
    freezeTime();
    let answer: (pair: typeof credentials) => void = () => {};
    let calls = 0;
    await using harness = await tokenHarness({
      baseURL: server.url,
      tokenTimeout: 5_000,
      credentials: () => {
        calls++;
        return calls === 1 ? new Promise((resolve) => (answer = resolve)) : credentials;
      },
    });
    const first = rejectionOf(harness.tokens.getToken());
    await advance(5_000);
    await first;
    answer({ clientId: 'late', clientSecret: 'late-secret' });
    await advance(1_000);
    await settle(harness.tokens.getToken());
    expect(new URLSearchParams(server.seen.at(-1)?.body.toString()).get('client_id')).toBe(
      'client',
    );
  });

  it('is not joined by an acquisition after the one that it has ended', async () => {
    await using server = await stubDokStamp();
    server.tokenEndpoint = (_, response) => {
      server.tokenEndpoint = undefined;
      json(response, 503, {});
    };
    freezeTime();
    let calls = 0;
    await using harness = await tokenHarness({
      baseURL: server.url,
      tokenTimeout: 3_000,
      credentials: () => {
        calls++;
        return calls === 2 ? new Promise(() => {}) : credentials;
      },
    });
    const first = rejectionOf(harness.tokens.getToken());
    await waitUntil(() => calls === 1);
    await advance(4_000, 100);
    expect(await first).toMatchObject({ code: 'credentials_unavailable' });
    await advance(2_000, 100);
    expect(calls).toBeGreaterThanOrEqual(3);
    expect(harness.tokens.status.state).toBe('valid');
  });
});
