import { describe, expect, it } from 'vitest';
import { accountAt, rejectionOf } from '../../support/stub-account.js';
import { json, stubServer } from '../../support/stub-server.js';

describe('the stack of an error', () => {
  it.each(['getToken', 'renew'] as const)('begins where the app called %s()', async (method) => {
    await using server = await stubServer((_, response) => json(response, 500, {}));
    await using account = await accountAt(server);
    async function issueDiploma() {
      await account.tokens[method]();
    }
    for (let call = 1; call <= 2; call++) {
      const { stack = '' } = await rejectionOf(issueDiploma());
      const [message, first] = stack.split('\n');
      expect(message).toMatch(/^DokStampError: POST http.* returned 500/);
      expect(first).toContain('issueDiploma');
      expect(stack).not.toContain('/lib/');
    }
  });
});
