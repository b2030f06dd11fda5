import { callsOf } from './axios-defaults.mjs';
import { dokStampService } from './dokstamp.mjs';

export async function create(account) {
  return callsOf((await dokStampService(account)).axiosRef);
}
