// A token endpoint in a worker thread: it answers while the main thread is blocked.
// workerData: { counts: SharedArrayBuffer for the requests and the responses, hangs: number of requests that get no response, status: of each response }
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

// By then the thread that has sent the request is blocked.
const RESPONSE_MS = 50;

const counts = new Int32Array(workerData.counts);
let requests = 0;
const server = createServer((request, response) => {
  request.resume();
  const nth = ++requests;
  Atomics.store(counts, 0, nth);
  if (nth <= workerData.hangs) return undefined;
  return setTimeout(() => answer(response, nth), RESPONSE_MS);
});

function answer(response, nth) {
  response.once('finish', () => Atomics.add(counts, 1, 1));
  response.writeHead(workerData.status, {
    'content-type': 'application/json',
    'retry-after': '60',
  });
  const body = { token_type: 'Bearer', expires_in: 43_200, access_token: `token_${nth}` };
  response.end(JSON.stringify(body));
}

server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port, []));
