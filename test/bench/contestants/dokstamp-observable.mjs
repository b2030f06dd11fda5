import { firstValueFrom } from 'rxjs';
import { dokStampService } from './dokstamp.mjs';

export async function create(account) {
  const http = await dokStampService(account);
  return {
    get: (url) => firstValueFrom(http.get(url)),
    upload: (url, makeStream) => firstValueFrom(http.post(url, makeStream())),
  };
}
