import { Logger } from '@nestjs/common';
import { expect } from 'vitest';
import type { DokStampOptions } from '../../lib/index.js';
import type { TestApp } from './app.js';
import { inspectionOf, leaksIn, spellingsOf, viewsOf } from './leaks.js';
import { CLIENT_SECRET, accountAt } from './stub-account.js';
import {
  type Answer,
  type SeenRequest,
  type StubServer,
  issueToken,
  json,
  stubServer,
} from './stub-server.js';

/** An access token whose spellings all differ. */
export const TOKEN = 'access/token+of="the~test';

export const SECRETS = [CLIENT_SECRET, TOKEN];

/** A server whose answers repeat the client secret and the token. */
export interface LeakingApi extends StubServer {
  tokenEndpoint: Answer;
  api: Answer;
}

/** Starts the server. It issues {@link TOKEN}, and answers API requests with 200 until `api` is set. */
export async function leakingApi(): Promise<LeakingApi> {
  const answers: { tokenEndpoint: Answer; api: Answer } = {
    tokenEndpoint: (_, response) => issueToken(response, TOKEN, 3_600),
    api: (_, response) => json(response, 200, {}),
  };
  const server = await stubServer((request, response) =>
    (request.url === '/oauth/token' ? answers.tokenEndpoint : answers.api)(request, response),
  );
  return Object.assign(answers, server);
}

/** What the request carried, and each secret in each spelling. */
function echo({ headers, body }: Pick<SeenRequest, 'headers' | 'body'>): string {
  const sent = `${headers.authorization ?? ''} ${body.toString()}`;
  return [sent, ...SECRETS.flatMap(spellingsOf)].join(' ');
}

/** Repeats the secrets in the body and in the headers. */
export const echoed =
  (status: number): Answer =>
  (request, response) => {
    const words = echo(request);
    const texts = { error_description: words, message: words, [words]: [words, { words }] };
    const headers = { 'x-echo': words, 'www-authenticate': `Bearer ${TOKEN}` };
    json(response, status, { error: 'invalid_client', ...texts }, headers);
  };

export const badJson: Answer = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`${TOKEN} ${echo(request)}`);
};

/** 200 with a body of about 100 KB. */
export const huge: Answer = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(echo(request).repeat(300));
};

/** 500 with a JSON text of about 100 KB. */
export const longRefusal: Answer = (request, response) =>
  json(response, 500, echo(request).repeat(300));

export const badStatus: Answer = (_, response) => {
  response.writeHead(500, `broken by ${TOKEN}`).end();
};

export const hangUp: Answer = (_, response) => response.destroy();

export const halfAnAnswer: Answer = (request, response) => {
  response.writeHead(500, { 'content-length': '100000' });
  response.write(echo(request), () => response.destroy());
};

export const hang: Answer = () => {};

export const redirect: Answer = ({ url }, response) => {
  response.writeHead(302, { location: `${url}?${encodeURIComponent(TOKEN)}` }).end();
};

/** An account at the server, with what an app can print of it. */
export interface WatchedAccount extends TestApp {
  /** Records log lines until the test ends. */
  recordLog(): void;
  /** Fails if an error shows a secret. */
  expectNoLeak(error: unknown): void;
  /** Fails if a service, the status, an event or a log line since the start shows a secret. */
  expectNothingKept(): void;
}

/** Boots it. Events and, until the test ends, log lines are recorded from here on. */
export async function watchedAccount(
  server: StubServer,
  options: DokStampOptions = {},
): Promise<WatchedAccount> {
  const account = await accountAt(server, options);
  const recorded: unknown[] = [];
  account.tokens.events$.subscribe((event) => recorded.push(event));
  const log = (...line: unknown[]) => void recorded.push(line);
  const logger = { log, error: log, warn: log, debug: log, verbose: log, fatal: log };
  const recordLog = () => Logger.overrideLogger(logger);
  recordLog();
  const { tokens, http } = account;
  return Object.assign(account, {
    recordLog,
    expectNoLeak(error: unknown): void {
      expect(leaksIn(viewsOf(error), SECRETS)).toEqual([]);
    },
    expectNothingKept(): void {
      const kept = [tokens, tokens.status, http, http.axiosRef.defaults, recorded];
      const text = `${inspectionOf(kept)} ${JSON.stringify([tokens.status, recorded])}`;
      expect(leaksIn([['services, status, events and log lines', text]], SECRETS)).toEqual([]);
    },
  });
}
