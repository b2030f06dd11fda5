import { callsOf } from './axios-defaults.mjs';
import { dokStampService } from './dokstamp.mjs';

export async function create(account) {
  const { axiosRef } = await dokStampService(account);
  return {
    ...callsOf(axiosRef),
    uploadAnew: (url, body) => axiosRef.post(url, undefined, { dokStamp: { body } }),
  };
}
