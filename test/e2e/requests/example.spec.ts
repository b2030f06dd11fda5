import { describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { bootAccount, optionsFor } from '../../support/app.js';

describe('a call after all tokens were revoked', () => {
  it('is answered, and costs one more token request', async () => {
    await using sandbox = await DokStampSandbox.start();
    await using account = await bootAccount(optionsFor(sandbox));
    const axios = account.http.axiosRef;
    await axios.get('/certificates');
    sandbox.revokeTokens();
    const { status } = await axios.get('/certificates');
    expect(status).toBe(200);
    expect(sandbox.tokenRequests).toBe(2);
  });
});
