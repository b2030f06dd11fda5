// Whether a second request is sent while the body of a streamed 401 is not read, over an agent with one socket.
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { HttpService } from '@nestjs/axios';

const server = createServer((_, response) => response.writeHead(401).end(Buffer.alloc(1_000_000)));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const httpAgent = new Agent({ maxSockets: 1 });
const axios = new HttpService().axiosRef.create({
  httpAgent,
  baseURL: `http://127.0.0.1:${server.address().port}`,
  responseType: 'stream',
  validateStatus: () => true,
});

for (const letGo of [false, true]) {
  const refused = await axios.get('/');
  if (letGo) refused.data.destroy();
  const second = axios.get('/').then(({ data }) => data.destroy());
  const sent = await Promise.race([second.then(() => true), setTimeout(2_000, false)]);
  const [body, request] = [letGo ? 'let go' : 'not read', sent ? 'sent' : 'not sent within 2 s'];
  console.log(`the body is ${body}: second request ${request}`);
  refused.data.destroy();
  await second;
}
server.close();
