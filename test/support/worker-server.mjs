// A token endpoint in a worker thread: it answers while the main thread is blocked.
// workerData: { flag: SharedArrayBuffer, hangs: number of requests that get no response, status: of each response }
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const flag = new Int32Array(workerData.flag);
let requests = 0;
const server = createServer((request, response) => {
  request.resume();
  const nth = ++requests;
  const received = () => Atomics.notify(flag, 0, Atomics.store(flag, 0, nth) && 1);
  if (nth <= workerData.hangs) return received();
  response.once('finish', received);
  response.writeHead(workerData.status, { 'content-type': 'application/json', 'retry-after': '60' });
  const body = { token_type: 'Bearer', expires_in: 43_200, access_token: `token_${nth}` };
  return response.end(JSON.stringify(body));
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port, []));
