import { answerCalls } from '../harness/answer-calls.mjs';
import { Account } from './account.mjs';

// The server's process: as many accounts as are asked for, each on ports of its own.
const accounts = new Map();
let last = 0;

answerCalls({
  async open(settings) {
    const account = new Account(settings);
    await account.listen();
    accounts.set(++last, account);
    return { id: last, baseURL: account.api.url, otherURL: account.other.url };
  },
  set: ({ id, ...settings }) => accounts.get(id).set(settings),
  revoke: ({ id }) => accounts.get(id).revoke(),
  counts: ({ id }) => accounts.get(id).counts,
  tokenAge: ({ id }) => accounts.get(id).tokenAge,
  close({ id }) {
    accounts.get(id).close();
    accounts.delete(id);
  },
});
