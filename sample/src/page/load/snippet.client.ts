import { Injectable, type OnModuleInit } from '@nestjs/common';
import { create } from 'axios';
import { DokStampConnection } from '../../dokstamp/dokstamp-connection.js';
import type { TokenFrame } from '../frames/frame.interface.js';
import { LEAD_MS } from '../pace.js';
import { type Client, PATH, reasonOf } from './client.interface.js';
import { Meter } from './meter.js';

interface TokenAnswer {
  access_token: string;
  expires_in: number;
}

/**
 * The load that goes through the snippet which the DokStamp page gives, as it stands there. What differs: it renews
 * 6 s before expiry and not 60, since a token lives 30 s here; and `process.env` is what its process was started with.
 */
@Injectable()
export class SnippetClient implements Client, OnModuleInit {
  readonly meter = new Meter(reasonOf);
  readonly #api = create();
  #env = { DOKSTAMP_CLIENT_ID: '', DOKSTAMP_CLIENT_SECRET: '' };
  #token: string | null = null;
  #expiresAt = 0;
  #issuedAt = 0;
  #obtained = 0;

  constructor(private readonly connection: DokStampConnection) {}

  onModuleInit(): void {
    this.restart();
  }

  /** As an operator does it, who puts the pair that is valid now into the environment. */
  restart(): void {
    const { clientId, clientSecret } = this.connection.sandbox!.credentials;
    this.#env = { DOKSTAMP_CLIENT_ID: clientId, DOKSTAMP_CLIENT_SECRET: clientSecret };
    this.#token = null;
    this.#expiresAt = 0;
  }

  /** The token as the snippet sees it: that it was revoked, it does not know. */
  get token(): TokenFrame {
    const isThere = Boolean(this.#token);
    const isOver = Date.now() >= this.#expiresAt;
    return {
      state: isThere ? (isOver ? 'expired' : 'valid') : 'absent',
      issuedAt: isThere ? this.#issuedAt : null,
      expiresAt: isThere ? this.#expiresAt : null,
      nextRenewalAt: isThere ? this.#expiresAt - LEAD_MS : null,
      lastError: null,
    };
  }

  /** How many tokens it has got since it was asked this. */
  takeObtained(): number {
    const obtained = this.#obtained;
    this.#obtained = 0;
    return obtained;
  }

  async call(tenant: string, signal: AbortSignal): Promise<unknown> {
    const token = await this.#getToken();
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: 'application/json',
      'X-Tenant': tenant,
    };
    return this.#api.get(`${this.#baseURL}${PATH}`, { headers, signal });
  }

  get #baseURL(): string {
    return this.connection.sandbox!.url;
  }

  async #getToken(): Promise<string | null> {
    if (this.#token && Date.now() < this.#expiresAt - LEAD_MS) return this.#token;

    this.meter.totals.waited += 1;
    this.meter.totals.tokenRequests += 1;
    const res = await fetch(`${this.#baseURL}/oauth/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: this.#env.DOKSTAMP_CLIENT_ID,
        client_secret: this.#env.DOKSTAMP_CLIENT_SECRET,
      }),
    });

    const data = (await res.json()) as TokenAnswer;
    this.#token = data.access_token;
    this.#expiresAt = Date.now() + data.expires_in * 1000;
    if (this.#token) this.#obtained += 1;
    this.#issuedAt = Date.now();
    return this.#token;
  }
}
