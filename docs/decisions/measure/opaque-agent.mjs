// What printing an agent shows while a request is under way.
import { Agent } from 'node:http';
import { inspect } from 'node:util';
import { withAccount } from './account.mjs';

const httpAgent = new Agent({ keepAlive: true });

await withAccount(
  async ({ axios, tokens }) => {
    const token = await tokens.getToken();
    // Its answer is not read yet, so the socket is still its own.
    const { data } = await axios.get('/certificates', { responseType: 'stream' });
    for (const [name, agent] of [
      ['the agent', httpAgent],
      ['its stand-in', axios.defaults.httpAgent],
    ]) {
      const printed = inspect(agent, { depth: null, showHidden: true });
      console.log(`${name} ${printed.includes(token) ? 'shows' : 'does not show'} the token`);
    }
    data.destroy();
  },
  { httpAgent },
);
httpAgent.destroy();
