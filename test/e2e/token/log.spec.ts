import { Logger, type LoggerService } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { DokStampModule, type TokenService, getTokenServiceToken } from '../../../lib/index.js';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { boot, optionsFor } from '../../support/app.js';
import { uncaughtDuring } from '../../support/deferred.js';
import { rejectionOf } from '../../support/stub-account.js';
import { advance, freezeTime, settle, waitUntil } from '../../support/time.js';
import { tokenHarness } from '../../support/token-harness.js';

const ENDPOINT = /https?:\/\/[\w.:]+\/oauth\/token/;

describe('the log', () => {
  it('has the first token at level log and each further one at debug, with reason and end', async () => {
    await using sandbox = await DokStampSandbox.start();
    await using harness = await tokenHarness(optionsFor(sandbox));
    await harness.tokens.getToken();
    await harness.tokens.renew();
    expect(harness.log).toEqual([
      {
        level: 'log',
        message: expect.stringMatching(/^Token obtained from .*valid until .*Next renewal at/),
      },
      {
        level: 'debug',
        message: expect.stringMatching(/^Token renewed from .*\(manual\), valid until/),
      },
    ]);
    for (const { message } of harness.log) expect(message).toMatch(ENDPOINT);
  });

  it('has one warning while a token is valid, one error when it has run out, and how long the outage took', async () => {
    await using sandbox = await DokStampSandbox.start({ expiresIn: 30 });
    freezeTime();
    await using harness = await tokenHarness(optionsFor(sandbox));
    await settle(harness.tokens.getToken());
    sandbox.tokenEndpoint.fail({ status: 503 });
    await advance(60_000, 500);
    sandbox.tokenEndpoint.restore();
    await advance(30_000, 500);
    const [, ...lines] = harness.log;
    expect(lines.map(({ level }) => level)).toEqual([
      'warn',
      'error',
      'log',
      ...lines.slice(3).map(() => 'debug'),
    ]);
    const [warning, error, recovery] = lines.map(({ message }) => message);
    expect(warning).toMatch(/returned 503.*The current token is valid until .*; next try at/);
    expect(error).toMatch(
      /returned 503.*The last token is not valid any more, so calls are rejected; next try at/,
    );
    expect(recovery).toMatch(/work again after \d+ s\. Token valid until/);
    for (const line of [warning, error, recovery]) expect(line).toMatch(ENDPOINT);
  });

  it('has the error as soon as a call is rejected because the token has run out', async () => {
    await using sandbox = await DokStampSandbox.start({ expiresIn: 300 });
    freezeTime();
    await using harness = await tokenHarness(optionsFor(sandbox));
    await settle(harness.tokens.getToken());
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 290 });
    await advance(241_000, 1_000);
    await advance(60_000);
    expect(harness.log.map(({ level }) => level)).toEqual(['log', 'warn']);
    await rejectionOf(settle(harness.tokens.getToken()));
    await rejectionOf(settle(harness.tokens.getToken()));
    expect(harness.log.map(({ level }) => level)).toEqual(['log', 'warn', 'error']);
  });

  it('says at the first boot without an endpoint that no token has been obtained yet', async () => {
    freezeTime();
    await using harness = await tokenHarness({
      baseURL: 'http://127.0.0.1:1',
      clientId: 'client',
      clientSecret: 'secret',
      startup: 'background',
    });
    await waitUntil(() => harness.log.length > 0);
    expect(harness.log).toEqual([
      {
        level: 'error',
        message: expect.stringMatching(
          /^POST http:\/\/127\.0\.0\.1:1\/oauth\/token failed \(ECONNREFUSED\).*No token has been obtained yet/,
        ),
      },
    ]);
  });

  it('has one error for refused credentials, with what to check and whom to ask', async () => {
    await using sandbox = await DokStampSandbox.start();
    await using harness = await tokenHarness({ ...optionsFor(sandbox), clientSecret: '"wrong" ' });
    const error = await rejectionOf(harness.tokens.getToken());
    await rejectionOf(harness.tokens.getToken());
    expect(harness.log).toEqual([
      {
        level: 'error',
        message: expect.stringMatching(/Check clientId and clientSecret; .*account manager/),
      },
    ]);
    expect(error.message).toContain(
      'clientSecret begins or ends with a space and is wrapped in quotes',
    );
    expect(error.message).not.toContain('wrong');
  });

  it('has another error if the token runs out after its credentials were refused', async () => {
    await using sandbox = await DokStampSandbox.start({ expiresIn: 300 });
    freezeTime();
    await using harness = await tokenHarness(optionsFor(sandbox));
    await settle(harness.tokens.getToken());
    sandbox.tokenEndpoint.fail({ status: 401, body: { error: 'invalid_client' } });
    await advance(241_000, 1_000);
    expect(harness.log.map(({ level }) => level)).toEqual(['log', 'error']);
    await advance(60_000, 1_000);
    await rejectionOf(settle(harness.tokens.getToken()));
    const [, refused, expired] = harness.log;
    expect(harness.log).toHaveLength(3);
    expect(refused?.message).toContain('The current token is valid until');
    expect(expired).toMatchObject({
      level: 'error',
      message: expect.stringContaining('calls are rejected'),
    });
  });

  it('publishes an event to all subscribers, and serves the caller, if one of them throws', async () => {
    await using sandbox = await DokStampSandbox.start();
    await using harness = await tokenHarness(optionsFor(sandbox));
    const uncaught = await uncaughtDuring(async () => {
      const seen: string[] = [];
      harness.tokens.events$.subscribe(() => {
        throw new Error('of the subscriber');
      });
      harness.tokens.events$.subscribe(({ type }) => seen.push(type));
      expect(await harness.tokens.getToken()).toBeTruthy();
      expect(seen).toEqual(['issued']);
      await new Promise((resolve) => setTimeout(resolve));
    });
    // RxJS reports it as an uncaught exception, as for every Observable.
    expect(uncaught).toEqual([expect.objectContaining({ message: 'of the subscriber' })]);
  });

  it('names the account', async () => {
    await using sandbox = await DokStampSandbox.start();
    const log: string[] = [];
    const write = (message: unknown, ...rest: unknown[]) => {
      if (rest.at(-1) === 'DokStamp') log.push(String(message));
    };
    await using app = await boot({
      imports: [DokStampModule.forRoot({ ...optionsFor(sandbox), name: 'eu', startup: 'lazy' })],
    });
    Logger.overrideLogger({ log: write, error: write, warn: write } satisfies LoggerService);
    await app.get<TokenService>(getTokenServiceToken('eu'), { strict: false }).getToken();
    expect(log).toEqual([expect.stringMatching(/^\[eu\] Token obtained/)]);
  });

  it('affects no caller if the logger of the host throws', async () => {
    await using sandbox = await DokStampSandbox.start();
    await using harness = await tokenHarness(optionsFor(sandbox));
    const fail = () => {
      throw new Error('the transport is gone');
    };
    Logger.overrideLogger({ log: fail, error: fail, warn: fail, debug: fail });
    expect(await harness.tokens.getToken()).toBeTruthy();
    sandbox.tokenEndpoint.fail({ status: 503 });
    expect(await rejectionOf(harness.tokens.renew())).toMatchObject({
      code: 'token_request_failed',
    });
  });
});
