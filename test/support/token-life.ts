import { tracingChannel } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { vi } from 'vitest';
import {
  type DokStampCredentials,
  type DokStampErrorCode,
  type TokenEvent,
  isDokStampError,
} from '../../lib/index.js';
import { MemoryDokStamp } from './memory-dokstamp.js';
import { refuse } from './stub-account.js';
import { type SeenRequest, issueToken, json } from './stub-server.js';
import { jumpWallClock } from './time.js';
import { FAILURES, type Happening } from './token-happenings.js';
import { type TokenHarness, tokenHarness } from './token-harness.js';

/** A time on both clocks. */
interface Time {
  readonly wall: number;
  readonly monotonic: number;
}

/** A token request that waits for its answer. */
interface OpenRequest extends Time {
  readonly response: ServerResponse;
  readonly secret: string;
}

/** A token that the endpoint has issued, with the time of its request. */
interface Token extends Time {
  readonly value: string;
  readonly lifetimeMs: number;
}

const requests = tracingChannel('dokstamp:token.request');

const REFUSALS: DokStampErrorCode[] = ['invalid_client', 'token_request_rejected'];

const LEFT = new Error('The caller has left.');

/**
 * The life of one account's token, and the rules that hold at any time. All is real but time and the sockets. Time must
 * be frozen, and the library must draw 0 as its random number.
 */
export class TokenLife implements AsyncDisposable {
  readonly #dokStamp = new MemoryDokStamp((request, response) => this.#answer(request, response));
  readonly #elapsed = performance.now.bind(performance);
  readonly #monotonic = vi.spyOn(performance, 'now');
  readonly #broken = new Set<string>();
  #harness: TokenHarness | undefined;
  #phase: 'running' | 'stopping' | 'closed' = 'running';
  #isWanted = false;
  #waiting = 0;
  #callers = new AbortController();
  #timersAheadMs = 0;
  /** Counts what happens, to know when nothing more does. */
  #activity = 0;

  // The credentials, and how they are read.
  #rotation = 0;
  #areCredentialsBroken = false;
  #rereadTakesMs = 0;
  #rereads = 0;
  #readAt = Number.NaN;
  #gaveOthers = false;

  // The token endpoint, and the requests of the acquisition that is under way.
  readonly #tokens: Token[] = [];
  readonly #revoked = new Set<string>();
  readonly #open = new Set<OpenRequest>();
  #requests = 0;
  #reason: unknown;
  #lastSecret = '';
  #scheduledAt = Number.NEGATIVE_INFINITY;

  // What the events report.
  #current: Token | undefined;
  #hasFailed = false;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #refusedSecret: string | undefined;
  #linesAtTheEnd: number | undefined;

  static async boot(startup: 'background' | 'lazy'): Promise<TokenLife> {
    const life = new TokenLife();
    await life.#boot(startup);
    return life;
  }

  async #boot(startup: 'background' | 'lazy'): Promise<void> {
    // A timer can fire a little before its time on the monotonic clock.
    this.#monotonic.mockImplementation(() => this.#elapsed() - this.#timersAheadMs);
    requests.start.subscribe(this.#remember);
    this.#dokStamp.tokenEndpoint = (request, response) => this.#receive(request, response);
    this.#isWanted = startup === 'background';
    const { baseURL, http, tenant } = this.#dokStamp.options;
    const credentials = () => this.#read();
    // Longer than the pauses, so that most requests end by a happening.
    const tokenTimeout = 600_000;
    const options = { baseURL, http, tenant, credentials, startup, tokenTimeout };
    this.#harness = await tokenHarness(options);
    this.#harness.tokens.events$.subscribe((event) => this.#observe(event));
    await this.#settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#monotonic.mockRestore();
    requests.start.unsubscribe(this.#remember);
    await this.#harness?.[Symbol.asyncDispose]();
  }

  get #app(): TokenHarness {
    if (!this.#harness) throw new Error('The app has not booted.');
    return this.#harness;
  }

  /** The rules that were broken so far. */
  get broken(): string[] {
    return [...this.#broken];
  }

  #rule(holds: unknown, otherwise: string): void {
    if (!holds) this.#broken.add(otherwise);
  }

  /** Makes it happen, with all that follows at the same time, and checks the rules. */
  async happen(happening: Happening): Promise<void> {
    const isRepeated = this.#mustRepeat(happening);
    const isServed =
      happening.what === 'call' && happening.by === 'getToken' && this.#isGood(this.#current);
    const waiting = this.#waiting;
    this.#begin(happening);
    if (happening.what === 'time passes') return this.#pass(happening.ms);
    await this.#settle();
    if (isRepeated !== undefined) {
      const isRight = isRepeated === this.#open.size > 0;
      this.#rule(isRight, 'the attempts do not fit the failure and the callers');
    }
    this.#rule(!isServed || this.#waiting === waiting, 'a call waits though a token is valid');
  }

  #begin(happening: Happening): void {
    const { tokens, http, log } = this.#app;
    switch (happening.what) {
      case 'call': {
        const { by, timeout, mayLeave } = happening;
        const signal = mayLeave ? this.#callers.signal : undefined;
        return this.#call(async () => this.#serve(await tokens[by]({ timeout, signal })));
      }
      case 'API call': {
        const config = happening.mayLeave ? { signal: this.#callers.signal } : {};
        return this.#call(() => http.axiosRef.get('/certificates', config));
      }
      case 'callers leave':
        this.#callers.abort(LEFT);
        this.#callers = new AbortController();
        return;
      case 'token is invalidated':
        return void tokens.invalidate(this.#tokens.at(-1)?.value ?? 'none');
      case 'token is revoked':
        return void this.#revoked.add(this.#tokens.at(-1)?.value ?? 'none');
      case 'wall clock jumps':
        return jumpWallClock(happening.ms);
      case 'timers run ahead':
        this.#timersAheadMs += happening.ms;
        return;
      case 'token is issued':
        return this.#issue(happening.lifetimeMs, happening.isSameAgain);
      case 'request fails':
        return this.#fail(FAILURES[happening.how].status, happening.retryAfter);
      case 'credentials change':
        this.#rotation++;
        this.#areCredentialsBroken = false;
        this.#rereadTakesMs = happening.readTakesMs;
        return;
      case 'credentials break':
        this.#areCredentialsBroken = true;
        return;
      case 'app stops':
        this.#phase = 'stopping';
        return tokens.onModuleDestroy();
      case 'app closes':
        this.#phase = 'closed';
        this.#linesAtTheEnd ??= log.length;
        return tokens.onApplicationShutdown();
    }
  }

  // From timer to timer, with all that follows from each.
  async #pass(ms: number): Promise<void> {
    const end = new AbortController();
    setTimeout(() => end.abort(), ms);
    while (!end.signal.aborted) {
      vi.advanceTimersToNextTimer();
      await this.#settle();
    }
  }

  async #settle(): Promise<void> {
    for (let turn = 0, quiet = 0; quiet < 3; turn++) {
      const before = this.#activity;
      // What is due now happens now.
      vi.advanceTimersByTime(0);
      await setImmediate();
      quiet = before === this.#activity ? quiet + 1 : 0;
      if (turn > 300) return this.#rule(false, 'the library does not come to rest');
    }
    this.#checkStatus();
  }

  #checkStatus(): void {
    const { tokens, log } = this.#app;
    const { state, issuedAt, nextRenewalAt, blockedUntil, lastError } = tokens.status;
    const now = Date.now();
    const isUnderWay = this.#open.size > 0 || this.#rereads > 0;
    if (this.#phase !== 'running') {
      this.#rule(!nextRenewalAt, 'a renewal is planned after the stop');
    } else if (this.#isWanted && !isUnderWay) {
      this.#rule(nextRenewalAt, 'neither a request is under way nor a next try planned');
      const soon = Math.max(Number(blockedUntil ?? 0), now + 1_000) + 1_000;
      const isSoon = issuedAt !== undefined || Number(nextRenewalAt) <= soon;
      this.#rule(isSoon, 'without a token the next try is long after the pause');
    }
    this.#rule(!nextRenewalAt || Number(nextRenewalAt) >= now, 'nextRenewalAt is in the past');
    this.#rule(isUnderWay || this.#waiting === 0, 'a call waits, but no request is under way');
    this.#rule((state === 'closed') === (this.#phase === 'closed'), `${this.#phase}, but ${state}`);
    const isClear = this.#phase !== 'closed' && !this.#isOnTheEdge(this.#current);
    if (isClear)
      this.#rule((state === 'valid') === this.#isGood(this.#current), `wrongly ${state}`);
    const isRefused = blockedUntil && lastError && REFUSALS.includes(lastError.code);
    this.#rule(!this.#gaveOthers || !isRefused, 'other credentials do not end the pause');
    this.#gaveOthers = false;
    const isQuiet = log.length === (this.#linesAtTheEnd ?? log.length);
    this.#rule(isQuiet, 'a line is logged after the end');
  }

  #call(call: () => Promise<unknown>): void {
    if (this.#phase !== 'closed') this.#isWanted = true;
    this.#waiting++;
    void call()
      .catch((error: unknown) => this.#refuse(error))
      .finally(() => {
        this.#activity++;
        this.#waiting--;
      });
  }

  #serve(value: string): void {
    this.#rule(this.#phase !== 'closed', 'a token is served after the end');
    const isGood = this.#tokens.some((token) => token.value === value && this.#isGood(token));
    this.#rule(isGood, 'a token is served that has expired, or is in its last part');
  }

  #refuse(error: unknown): void {
    const { code, response } = Object(error) as { code?: string; response?: { status: number } };
    if (error === LEFT || code === 'ERR_CANCELED' || response?.status === 401) return;
    if (!isDokStampError(error)) return this.#rule(false, `a call rejects with ${String(error)}`);
    this.#rule((error.code === 'closed') === (this.#phase === 'closed'), `a call is ${error.code}`);
    if (error.code === 'closed' || error.code === 'token_wait_timeout') return;
    this.#rule(Number(error.retryAt) >= Date.now(), 'retryAt is missing or in the past');
  }

  #isGood(token: Token | undefined): boolean {
    return token !== undefined && this.#remaining(token) > 0;
  }

  // Doubles may round a time to the other side.
  #isOnTheEdge(token: Token | undefined): boolean {
    return token !== undefined && Math.abs(this.#remaining(token)) < 0.001;
  }

  /** For how long the token may still be served, in ms. */
  #remaining({ wall, monotonic, lifetimeMs }: Token): number {
    const age = Math.max(Date.now() - wall, performance.now() - monotonic);
    return lifetimeMs - Math.min(5_000, lifetimeMs * 0.05) - age;
  }

  async #read(): Promise<DokStampCredentials> {
    this.#activity++;
    this.#readAt = this.#elapsed();
    this.#rule(this.#phase !== 'closed', 'credentials are read after the end');
    const isReread = this.#harness?.tokens.status.blockedUntil !== undefined;
    if (isReread && this.#rereadTakesMs > 0) {
      this.#rereads++;
      await new Promise((resolve) => setTimeout(resolve, this.#rereadTakesMs));
      this.#rereads--;
      this.#activity++;
    }
    if (this.#areCredentialsBroken) throw new Error('The vault is closed.');
    const clientSecret = `secret-${this.#rotation}`;
    this.#gaveOthers ||= isReread && clientSecret !== this.#refusedSecret;
    return { clientId: 'id', clientSecret };
  }

  readonly #remember = (message: unknown): void => {
    this.#reason = (message as { reason: unknown }).reason;
  };

  #receive({ body }: SeenRequest, response: ServerResponse): void {
    this.#activity++;
    const secret = new URLSearchParams(body.toString()).get('client_secret') ?? '';
    const request = { response, secret, wall: Date.now(), monotonic: performance.now() };
    this.#rule(this.#phase !== 'closed', 'a token request after the end');
    this.#rule(this.#open.size === 0, 'two token requests are under way');
    const mayAsk =
      request.monotonic >= this.#pausedUntil - 1 ||
      (this.#refusedSecret !== undefined && this.#refusedSecret !== secret);
    this.#rule(mayAsk, 'a token request during the pause');
    this.#lastSecret = secret;
    if (this.#requests++ === 0) this.#checkSchedule();
    this.#open.add(request);
    response.on('close', () => {
      this.#activity++;
      this.#open.delete(request);
    });
  }

  // For the first request of an acquisition.
  #checkSchedule(): void {
    if (this.#reason !== 'scheduled' && this.#reason !== 'startup') return;
    const now = this.#elapsed();
    // Otherwise it has waited for a read that a call had begun.
    const hasJustBegun = this.#readAt === now;
    const isApart = !hasJustBegun || now - this.#scheduledAt >= 1_000;
    this.#rule(isApart, 'scheduled requests start less than 1 s apart');
    this.#scheduledAt = hasJustBegun ? now : Number.NEGATIVE_INFINITY;
    const token = this.#current;
    if (!token || this.#hasFailed) return;
    const lead = Math.min(60_000, token.lifetimeMs * 0.2);
    const margin = Math.min(5_000, token.lifetimeMs * 0.05);
    // A timer has no parts of a millisecond.
    const isDue = this.#remaining(token) + margin <= lead + this.#timersAheadMs + 1;
    this.#rule(isDue, 'a token is renewed before it is due');
  }

  #issue(lifetimeMs: number, isSameAgain: boolean): void {
    for (const { response, wall, monotonic } of this.#open) {
      const value = (isSameAgain && this.#tokens.at(-1)?.value) || `token_${this.#tokens.length}`;
      this.#tokens.push({ value, lifetimeMs, wall, monotonic });
      issueToken(response, value, lifetimeMs / 1_000);
    }
    this.#open.clear();
  }

  #fail(status: number, retryAfter: number | undefined): void {
    const body = status === 401 ? { error: 'invalid_client' } : {};
    const isAsked = status === 429 && retryAfter !== undefined;
    const headers = isAsked ? { 'retry-after': `${retryAfter}` } : {};
    for (const { response } of this.#open) json(response, status, body, headers);
    this.#open.clear();
  }

  /** Whether another attempt must follow at once; undefined if it may. */
  #mustRepeat(happening: Happening): boolean | undefined {
    if (happening.what !== 'request fails' || this.#open.size === 0) return undefined;
    const { isRepeated } = FAILURES[happening.how];
    const mayHelp = this.#requests < 3 && this.#waiting > 0 && !this.#hasFailed;
    return isRepeated && mayHelp && !this.#areCredentialsBroken;
  }

  #answer({ headers }: SeenRequest, response: ServerResponse): void {
    this.#activity++;
    const value = headers.authorization?.replace('Bearer ', '') ?? '';
    this.#serve(value);
    if (this.#revoked.has(value)) refuse(response);
    else json(response, 200, {});
  }

  #observe(event: TokenEvent): void {
    this.#activity++;
    if (event.type === 'invalidated') this.#current = undefined;
    if (event.type === 'issued') {
      this.#current = this.#tokens.at(-1);
      this.#hasFailed = false;
      this.#requests = 0;
      this.#pausedUntil = Number.NEGATIVE_INFINITY;
      this.#refusedSecret = undefined;
    }
    if ('error' in event) {
      const { code } = event.error;
      const isRefusal = REFUSALS.includes(code);
      const pauseMs = Number(event.retryAt) - Date.now();
      const [shortest, longest] = isRefusal ? [30_000, 300_000] : [1_000, 30_000];
      const isAsPlanned =
        code === 'token_rate_limited' ? pauseMs > 0 : shortest <= pauseMs && pauseMs <= longest;
      this.#rule(isAsPlanned, `a pause of ${pauseMs} ms after ${code}`);
      this.#rule(this.#phase !== 'closed', 'a failure is reported after the end');
      this.#hasFailed = true;
      this.#requests = 0;
      this.#pausedUntil = performance.now() + pauseMs;
      this.#refusedSecret = isRefusal ? this.#lastSecret : undefined;
    }
  }
}
