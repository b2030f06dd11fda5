// Token requests in 10 s (or as many as are given), while one call after the other names an unknown tenant.
import { HttpService } from '@nestjs/axios';
import { setTimeout } from 'node:timers/promises';
import { withAccount } from './account.mjs';

const seconds = Number(process.argv[2] ?? 10);

async function measured({ sandbox, tokens }, call) {
  await tokens.getToken();
  const end = performance.now() + seconds * 1_000;
  let calls = 0;
  for (; performance.now() < end; calls++) {
    await call().catch(() => {});
    await setTimeout(20);
  }
  return `${sandbox.tokenRequests} token requests for ${calls} calls`;
}

const held = await withAccount((account) =>
  measured(account, () => account.axios.get('/certificates', { dokStamp: { tenant: 'unknown' } })),
);
console.log(`with the renewal backoff: ${held}`);

// The usual answer to a 401: a new token, and the call once more.
const plain = await withAccount((account) =>
  measured(account, async () => {
    const { sandbox, tokens } = account;
    const send = (token) =>
      new HttpService().axiosRef.get(`${sandbox.url}/certificates`, {
        headers: { Authorization: `Bearer ${token}`, 'X-Tenant': 'unknown' },
      });
    await send(await tokens.getToken()).catch(async () => send(await tokens.renew()));
  }),
);
console.log(`with a renewal for each 401: ${plain}`);
