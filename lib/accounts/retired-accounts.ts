import type { KeptAccount } from './kept-account.js';

/** The accounts that have gone, for as long as somebody holds them: at the end they are closed like the others. */
export class RetiredAccounts {
  readonly #held = new Set<WeakRef<KeptAccount>>();
  readonly #letGo = new FinalizationRegistry<WeakRef<KeptAccount>>((ref) => this.#held.delete(ref));

  add(account: KeptAccount): void {
    account.retire();
    const ref = new WeakRef(account);
    this.#held.add(ref);
    this.#letGo.register(account, ref);
  }

  close(): void {
    for (const ref of this.#held) ref.deref()?.close();
    this.#held.clear();
  }
}
