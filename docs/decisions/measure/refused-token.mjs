// Calls of others that fail, of 100, after one call with a wrong tenant got a 401 while no token can be had.
import { withAccount } from './account.mjs';

function failedCalls(isDropped) {
  return withAccount(async ({ sandbox, axios, tokens }) => {
    const token = await tokens.getToken();
    sandbox.tokenEndpoint.fail({ status: 503 });
    await axios.get('/certificates', { dokStamp: { tenant: 'unknown' } }).catch(() => {});
    if (isDropped) tokens.invalidate(token);
    let failed = 0;
    for (let call = 0; call < 100; call++) {
      await axios.get('/certificates').catch(() => failed++);
    }
    return failed;
  });
}

console.log(`the refused token stays in use: ${await failedCalls(false)}`);
console.log(`it is dropped at once: ${await failedCalls(true)}`);
