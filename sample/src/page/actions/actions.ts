import { DISTURBANCE_MS, RETRY_AFTER, SLOW_MS } from '../pace.js';
import type { Action } from './action.interface.js';
import { disturbance } from './disturbance.js';

const REVOKE: Action = {
  name: 'revoke',
  title: 'Revoke all tokens',
  before:
    'DokStamp refuses each token that it has issued. nestjs-dokstamp asks for one new token and sends the refused calls once more: none fails. The snippet goes on with the dead token until that is about to end; here it is restarted after 10 s, if need be.',
  tour: 'A token dies before its time. Watch the failed calls of both.',
  runMs: 0,
  watchMs: DISTURBANCE_MS,
  async run({ connection, tell }) {
    connection.sandbox!.revokeTokens();
    tell('revoked', 'All tokens were revoked.');
  },
};

const ROTATE_TOLD: Action = {
  name: 'rotate-told',
  title: 'Rotate the secret, and tell the app',
  before:
    'A new client id and secret are issued, and all tokens die. The new pair is put where the app reads it, so nestjs-dokstamp gets a token with it and no call fails. The snippet reads its environment at the start only; it is restarted with the new pair after 10 s.',
  tour: 'A secret has leaked, and you put the new one where the app reads it.',
  runMs: DISTURBANCE_MS,
  watchMs: 5_000,
  async run({ connection, snippet, tell, wait }) {
    connection.rotate();
    connection.tell();
    tell('revoked', 'The secret was rotated, and the app was told.');
    await wait(DISTURBANCE_MS);
    snippet.restart();
    tell('note', 'The process of the snippet was restarted with the new pair.');
  },
};

const ROTATE_UNTOLD: Action = {
  name: 'rotate-untold',
  title: 'Rotate the secret, and tell nobody for 10 s',
  before:
    'All tokens die, and the pair that the app has is refused. Nobody can call. nestjs-dokstamp asks once or twice, then lets calls fail at once with invalid_client, and works again within a second or two of being told the new pair, without a restart. The snippet goes on with its dead token and, when that is about to end, asks with each call; after 10 s it is restarted with the new pair.',
  tour: 'The secret is rotated, and nobody tells the app for 10 s.',
  runMs: DISTURBANCE_MS,
  watchMs: 6_000,
  async run({ connection, snippet, tell, wait }) {
    connection.rotate();
    tell('revoked', 'The secret was rotated, and nobody was told.');
    try {
      await wait(DISTURBANCE_MS);
    } finally {
      connection.tell();
    }
    snippet.restart();
    tell(
      'note',
      'The new pair was put where the app reads it, and the snippet was restarted with it.',
    );
  },
};

const WRONG_TENANT: Action = {
  name: 'wrong-tenant',
  title: 'Call with a wrong tenant',
  before:
    'For 10 s one more caller names a tenant that is not the account’s, and DokStamp answers 401, as it does for a dead token. nestjs-dokstamp cannot know which it is, so it tries a new token, less and less often: some four times. All other calls go on. The snippet does not react to a 401 at all.',
  tour: 'Somebody calls with a wrong tenant. Everybody else should not notice.',
  runMs: DISTURBANCE_MS,
  watchMs: 3_000,
  async run({ load, tell, wait }) {
    const over = new AbortController();
    tell('refused', 'One more caller of each names a wrong tenant.');
    const stray = load.strayCalls('no-such-tenant', over.signal);
    await wait(DISTURBANCE_MS).finally(() => over.abort());
    const calls = await stray;
    tell(
      'note',
      `${calls} calls with a wrong tenant were made. Only the replays and token requests that they caused are counted.`,
    );
  },
};

/** All that can happen, in the order of the tour: what tells most comes in its first two minutes. */
export const ACTIONS: readonly Action[] = [
  REVOKE,
  ROTATE_TOLD,
  disturbance({
    name: 'down',
    title: 'Token endpoint down',
    before:
      'For 10 s each token request is answered 503. nestjs-dokstamp begins to renew early enough to go on with the token that it has, and tries again, less and less often: no call fails. The snippet fails as soon as it wants a new token.',
    tour: 'It is 3 a.m., and the token endpoint is down while both have to renew.',
    what: 'answers 503',
    disturb: (tokenEndpoint) => tokenEndpoint.fail({ status: 503 }),
  }),
  disturbance({
    name: 'hanging',
    title: 'Token endpoint hanging',
    before:
      'For 10 s token requests are never answered, then their connections break. nestjs-dokstamp has one request under way and goes on with the token that it has. The callers of the snippet hang, all of them, as soon as it wants a new token.',
    tour: 'The token endpoint takes requests and never answers.',
    what: 'never answers',
    disturb: (tokenEndpoint) => tokenEndpoint.hang(),
  }),
  disturbance({
    name: 'slow',
    title: 'Token endpoint slow',
    before: `For 10 s each token request takes ${SLOW_MS / 1_000} s. nestjs-dokstamp serves the token that it has meanwhile, so no call waits. All callers of the snippet wait, and each of them asks.`,
    tour: 'The token endpoint is slow. Watch the latency, p99.',
    what: `takes ${SLOW_MS / 1_000} s to answer`,
    disturb: (tokenEndpoint) => tokenEndpoint.delay(SLOW_MS),
  }),
  disturbance({
    name: 'rate-limited',
    title: 'Token endpoint: 429',
    before: `For 10 s token requests are answered 429, with Retry-After: ${RETRY_AFTER}. nestjs-dokstamp waits as long as it is asked to, with the token that it has. The snippet asks again with each call.`,
    tour: 'The token endpoint has had enough, and says when to come again.',
    what: `answers 429 with Retry-After: ${RETRY_AFTER}`,
    disturb: (tokenEndpoint) => tokenEndpoint.fail({ status: 429, retryAfter: RETRY_AFTER }),
  }),
  WRONG_TENANT,
  ROTATE_UNTOLD,
  disturbance({
    name: 'down-long',
    title: 'Token endpoint down for 30 s',
    before:
      'Longer than the token lives, so calls of nestjs-dokstamp fail too, from the end of the token on: at once, with a typed error that says when the next try is, and with a handful of token requests. When the endpoint is back, it heals by itself: with its next try, which comes within a third of the outage’s length. The snippet may be back a few seconds earlier, as it asks with each call.',
    what: 'answers 503',
    lastsMs: 3 * DISTURBANCE_MS,
    disturb: (tokenEndpoint) => tokenEndpoint.fail({ status: 503 }),
  }),
];
