import { setTimeout } from 'node:timers/promises';
import { Child } from './child.mjs';

const SERVER = new URL('../server/main.mjs', import.meta.url).pathname;
const CONTESTANT = new URL('contestant.mjs', import.meta.url).pathname;
const SETTINGS = {
  clientId: 'bench',
  clientSecret: 'bench-secret',
  tenant: 'my-university',
  margin: 60,
};

/** The server's process and those of the contestants. */
export class Team {
  #server = new Child(SERVER);
  #children = [this.#server];

  /** Opens an account; the functions of the server that are about it. */
  async account(settings = {}) {
    const opened = await this.#server.call('open', settings);
    const { id, baseURL, otherURL } = opened;
    return {
      baseURL,
      otherURL,
      set: (changes) => this.#server.call('set', { id, ...changes }),
      revoke: () => this.#server.call('revoke', { id }),
      counts: () => this.#server.call('counts', { id }),
      /** Waits until the token is so old, in ms. */
      tokenIs: async (age) => setTimeout(age - (await this.#server.call('tokenAge', { id }))),
      close: () => this.#server.call('close', { id }),
    };
  }

  /** A fresh process with a contestant that uses the account. */
  async contestant(name, { baseURL }, settings = {}, execArgv = []) {
    const child = new Child(CONTESTANT, [name], execArgv);
    this.#children.push(child);
    await child.call('create', { baseURL, ...SETTINGS, ...settings });
    return child;
  }

  stop() {
    for (const child of this.#children) child.stop();
  }
}
