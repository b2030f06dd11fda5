// Which of our headers another origin is shown, when the API redirects to it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { HttpService } from '@nestjs/axios';

async function listen(handler) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${server.address().port}/` };
}

const other = await listen((request, response) => {
  const { authorization, 'x-tenant': tenant } = request.headers;
  response.end(JSON.stringify({ authorization, tenant }));
});
const api = await listen((_, response) => response.writeHead(302, { Location: other.url }).end());

const headers = { Authorization: 'Bearer token_1', 'X-Tenant': 'uni' };
for (const adapter of ['http', 'fetch']) {
  let hooks = 0;
  const beforeRedirect = () => hooks++;
  const { data } = await new HttpService().axiosRef.get(api.url, {
    headers,
    adapter,
    beforeRedirect,
  });
  console.log(`${adapter}: ${JSON.stringify(data)}, beforeRedirect called ${hooks} times`);
}
for (const { server } of [api, other]) server.close().closeAllConnections();
