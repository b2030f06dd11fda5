/** What {@link DokStampSandbox.start} takes. Every field may be left out. */
export interface DokStampSandboxOptions {
  /**
   * The port to listen on, on 127.0.0.1.
   * @default 0 (any free port)
   */
  port?: number | undefined;

  /** @default a random id, new with every sandbox */
  clientId?: string | undefined;

  /** @default a random secret, new with every sandbox */
  clientSecret?: string | undefined;

  /**
   * The one tenant of the account, as clients name it in `X-Tenant`.
   * @default 'my-university'
   */
  tenant?: string | undefined;

  /**
   * Lifetime of the access tokens, in seconds. Fractions are allowed.
   * @default 43200 (12 hours, as DokStamp documents)
   */
  expiresIn?: number | undefined;

  /**
   * How many requests `requests` keeps, the latest ones: for a sandbox that runs for long. `tokenRequests` counts all.
   * @default Infinity
   */
  keepRequests?: number | undefined;

  /** Called when a request has been answered, or has ended without an answer: for a log of what comes in. */
  onAnswer?: ((request: SandboxRequest) => void) | undefined;
}

/** A client id and its secret. */
export interface SandboxCredentials {
  clientId: string;
  clientSecret: string;
}

/** One request as it came in. */
export interface SandboxRequest {
  readonly method: string;

  /** The path with its query, as it stood in the request line. */
  readonly path: string;

  /** The request headers, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;

  /** The status answered; undefined while unanswered, and for good if hung or aborted. */
  readonly status: number | undefined;
}

/** A forced answer. It is made, and so checked, when `fail()` is called. */
export interface SandboxFault {
  /** The HTTP status, 200 to 599. */
  status: number;

  /**
   * An object that JSON can hold is sent as JSON, a string as it is with `text/html` (the page of a proxy in between).
   * @default the body DokStamp answers with that status
   */
  body?: string | object | undefined;

  /** The `Retry-After` header: seconds, or printable ASCII that is sent as it is, such as an HTTP date. */
  retryAfter?: number | string | undefined;

  /**
   * How many requests get this answer.
   * @default every request until `restore()`
   */
  times?: number | undefined;
}

/** Disturbs the resource calls: everything but `POST /oauth/token`. */
export interface SandboxApiControl {
  /**
   * Answers with this from now on. It takes the place of an earlier `fail()`.
   * @throws {RangeError} for a status or `times` that is none
   * @throws {TypeError} for a body or `retryAfter` that cannot be sent
   */
  fail(fault: SandboxFault): void;

  /**
   * Lets each request wait this many milliseconds before it is looked at. Adds to `fail()`.
   * @throws {RangeError} for less than 0 or more than 2147483647, which no timer holds
   */
  delay(ms: number): void;

  /** Ends every disturbance: requests that are delayed go on at once. */
  restore(): void;
}

/** Disturbs `POST /oauth/token`. */
export interface SandboxTokenEndpointControl extends SandboxApiControl {
  /** Accepts requests and never answers. Of `fail()` and `hang()` the later call counts. */
  hang(): void;

  /** Ends every disturbance: delayed requests go on at once, hung ones lose their connection. */
  restore(): void;
}
