import { randomBytes, randomUUID } from 'node:crypto';
import type { DokStampSandboxOptions, SandboxCredentials } from './sandbox.interface.js';

const TWELVE_HOURS = 43_200;

/** The one account of a sandbox: its credentials, its tenant and its living access tokens. */
export class SandboxAccount {
  readonly tenant: string;
  readonly #initial: SandboxCredentials;
  readonly #initialLifetime: number;
  readonly #expiryByToken = new Map<string, number>();
  #credentials: SandboxCredentials;
  #lifetime: number;
  #issued = 0;

  constructor(options: DokStampSandboxOptions) {
    const fresh = newCredentials();
    this.tenant = options.tenant ?? 'my-university';
    this.#initial = {
      clientId: options.clientId ?? fresh.clientId,
      clientSecret: options.clientSecret ?? fresh.clientSecret,
    };
    this.#initialLifetime = checkedLifetime(options.expiresIn ?? TWELVE_HOURS);
    this.#credentials = this.#initial;
    this.#lifetime = this.#initialLifetime;
  }

  get credentials(): SandboxCredentials {
    return { ...this.#credentials };
  }

  issueToken(): { accessToken: string; expiresIn: number } {
    this.#issued += 1;
    this.#forgetTheDead();
    const accessToken = `token_${this.#issued}_${randomBytes(4).toString('hex')}`;
    this.#expiryByToken.set(accessToken, Date.now() + this.#lifetime * 1000);
    return { accessToken, expiresIn: this.#lifetime };
  }

  /** Whether an `Authorization` header carries a token that lives. */
  accepts(authorization: string | undefined): boolean {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const expiry = token === undefined ? undefined : this.#expiryByToken.get(token);
    return expiry !== undefined && Date.now() < expiry;
  }

  // From the oldest on, so that a sandbox that runs for long keeps only what lives.
  #forgetTheDead(): void {
    for (const [token, expiry] of this.#expiryByToken) {
      if (Date.now() < expiry) return;
      this.#expiryByToken.delete(token);
    }
  }

  owns(pair: SandboxCredentials): boolean {
    const { clientId, clientSecret } = this.#credentials;
    return pair.clientId === clientId && pair.clientSecret === clientSecret;
  }

  expireIn(seconds: number): void {
    this.#lifetime = checkedLifetime(seconds);
  }

  revokeTokens(): void {
    this.#expiryByToken.clear();
  }

  rotateCredentials(): SandboxCredentials {
    this.#credentials = newCredentials();
    this.revokeTokens();
    return this.credentials;
  }

  reset(): void {
    this.#credentials = this.#initial;
    this.#lifetime = this.#initialLifetime;
    this.#issued = 0;
    this.revokeTokens();
  }
}

function newCredentials(): SandboxCredentials {
  return { clientId: randomUUID(), clientSecret: randomBytes(20).toString('hex') };
}

function checkedLifetime(seconds: number): number {
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw new RangeError(`A token lifetime is a number of seconds of 0 or more, not ${seconds}.`);
}
