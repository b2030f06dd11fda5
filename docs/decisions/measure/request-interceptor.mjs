// What an error that a request interceptor throws goes through, and what the adapter sees of a body sent again.
import { HttpService } from '@nestjs/axios';

const axios = new HttpService().axiosRef.create({
  adapter: async (config) => ({ config, data: config.data, status: 200, headers: {} }),
});

const refusing = axios.create();
let seen = 0;
refusing.interceptors.request.use(() =>
  Promise.reject(new Error('The token request was refused.')),
);
refusing.interceptors.response.use(null, (error) => {
  seen++;
  throw error;
});
await refusing.get('/').catch(() => {});
console.log(`response interceptors that see the failure of a request interceptor: ${seen}`);

const transformRequest = [(data) => `<${data}>`];
const first = await axios.post('/', 'body', { transformRequest });
const again = await axios.request(first.config);
console.log(`a body sent, and its config sent again: ${first.data}, ${again.data}`);
