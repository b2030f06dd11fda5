/// <reference lib="esnext.disposable" preserve="true" />
import { InMemoryDokStamp } from './in-memory-dokstamp.js';
import { RequestLog } from './request-log.js';
import { SandboxServer } from './sandbox-server.js';
import type {
  DokStampSandboxOptions,
  SandboxApiControl,
  SandboxCredentials,
  SandboxRequest,
  SandboxTokenEndpointControl,
} from './sandbox.interface.js';
import { seedInto } from './seed/seed-into.js';
import type { SandboxSeed, SandboxSeeded } from './seed/seed.interface.js';

/**
 * A local DokStamp over real HTTP, for tests and for trying things out: one account with one tenant,
 * its data in memory. It issues opaque access tokens and enforces their lifetime by `Date.now()`.
 *
 * Resources: `/auth/me`, `/institutions`, `/students`, `/courses`, `/files`, `/certificates`. Without
 * the account's `X-Tenant`, certificates and files answer 401, students, courses and institutions 404.
 *
 * @example
 * ```ts
 * const sandbox = await DokStampSandbox.start();
 * const module = await Test.createTestingModule({
 *   imports: [
 *     DokStampModule.forRoot({ baseURL: sandbox.url, ...sandbox.credentials, tenant: sandbox.tenant }),
 *   ],
 *   providers: [CertificatesService],
 * }).compile();
 *
 * const { certificates } = sandbox.seed({ certificates: [{ status: 'issued' }] });
 * await module.get(CertificatesService).issued();
 * sandbox.revokeTokens(); // the next call gets a 401, and a new token
 * expect(await module.get(CertificatesService).issued()).toMatchObject([
 *   { uuid: certificates[0].uuid },
 * ]);
 *
 * await module.close();
 * await sandbox.stop();
 * ```
 */
export class DokStampSandbox implements AsyncDisposable {
  /** Disturbs `POST /oauth/token`. */
  readonly tokenEndpoint: SandboxTokenEndpointControl;

  /** Disturbs every other path, for example with a 429 or a 500. */
  readonly api: SandboxApiControl;

  readonly #dokStamp: InMemoryDokStamp;
  readonly #log: RequestLog;
  readonly #server: SandboxServer;

  private constructor(options: DokStampSandboxOptions) {
    this.#dokStamp = new InMemoryDokStamp(options, () => this.url);
    this.tokenEndpoint = this.#dokStamp.tokenFaults;
    this.api = this.#dokStamp.apiFaults;
    this.#log = new RequestLog(options);
    this.#server = new SandboxServer(this.#log, (request, response) =>
      this.#dokStamp.answer(request, response),
    );
  }

  /**
   * Starts a sandbox on 127.0.0.1. Rejects when the port is taken.
   * @throws {RangeError} for an `expiresIn` or `keepRequests` below 0
   */
  static async start(options: DokStampSandboxOptions = {}): Promise<DokStampSandbox> {
    const sandbox = new DokStampSandbox(options);
    await sandbox.#server.listen(options.port ?? 0);
    return sandbox;
  }

  /** Where the sandbox listens, `http://127.0.0.1:<port>`: the `baseURL` of the module. */
  get url(): string {
    return this.#server.url;
  }

  /** The pair that is valid now. */
  get credentials(): SandboxCredentials {
    return this.#dokStamp.account.credentials;
  }

  /** The account's tenant, as `X-Tenant` has to name it. */
  get tenant(): string {
    return this.#dokStamp.account.tenant;
  }

  /** How many `POST /oauth/token` came in, whatever the answer. */
  get tokenRequests(): number {
    return this.#log.tokenRequests;
  }

  /** The requests that came in, token requests included, in order of arrival; `keepRequests` of them. A live view. */
  get requests(): readonly SandboxRequest[] {
    return this.#log.entries;
  }

  /** Ends the life of all tokens issued so far. The credentials stay valid. */
  revokeTokens(): void {
    this.#dokStamp.account.revokeTokens();
  }

  /** Issues a new pair. The old one gets `invalid_client`, and all its tokens die at once. */
  rotateCredentials(): SandboxCredentials {
    return this.#dokStamp.account.rotateCredentials();
  }

  /** Sets the lifetime, in seconds, of the tokens issued from now on. Fractions are allowed. */
  expireIn(seconds: number): void {
    this.#dokStamp.account.expireIn(seconds);
  }

  /**
   * Puts data in place, at once and without a request: what a test begins with. What is left out is filled: fields
   * that the API requires, and what a certificate or course needs. Things belong together by the objects themselves:
   * give in `student` what `seed()` gave before, an object of the same call, or the fields of one more.
   *
   * Names, emails and file names are numbered. A certificate takes the students, courses and free files of the same
   * call in turn; without any, it gets a student and a file of its own, and a course and its institution that the
   * certificates of the call share. Other fields are as the API has them, so a certificate without a `status` is
   * a draft.
   * @returns all it made, as `GET /<kind>/{uuid}` shows it: first what was asked for, in its order. A copy.
   * @throws {TypeError} for a field or kind that there is not, and for what `POST` would answer with 422 (an email
   * that is taken, a file that is used, an unknown uuid). Then nothing was made.
   * @example
   * ```ts
   * const { students, certificates } = sandbox.seed({
   *   students: [{ name: 'Ana' }, { name: 'Rui' }],
   *   certificates: [{ status: 'issued' }, { status: 'revoked', revocation_reason: 'typo' }],
   * });
   * // certificates[0] is Ana's, certificates[1] Rui's.
   * sandbox.seed({ certificates: [{ status: 'issued', student: students[0], course: { name: 'Law' } }] });
   * sandbox.seed({ certificates: Array.from({ length: 40 }, () => ({ finish: true })) });
   * ```
   */
  seed<
    Institutions extends readonly unknown[] = [],
    Students extends readonly unknown[] = [],
    Courses extends readonly unknown[] = [],
    Files extends readonly unknown[] = [],
    Certificates extends readonly unknown[] = [],
  >(
    seed: SandboxSeed<Institutions, Students, Courses, Files, Certificates>,
  ): SandboxSeeded<Institutions, Students, Courses, Files, Certificates> {
    return seedInto(this.#dokStamp.kinds, seed) as unknown as SandboxSeeded<
      Institutions,
      Students,
      Courses,
      Files,
      Certificates
    >;
  }

  /**
   * Goes back to the state after `start()`: no data, no counts, no disturbance, the first lifetime,
   * and the credentials the sandbox was started with. All tokens die. The port stays.
   */
  reset(): void {
    this.#log.clear();
    this.#dokStamp.reset();
  }

  /** Stops listening and closes every connection at once. A further call does nothing more. */
  async stop(): Promise<void> {
    const stopped = this.#server.stop();
    this.#dokStamp.restore();
    await stopped;
  }

  /** The same as {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
