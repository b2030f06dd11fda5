import { HttpService } from '@nestjs/axios';
import { firstValueFrom } from 'rxjs';
import { bareInstance } from './bare.mjs';

export async function create(account) {
  const http = new HttpService(await bareInstance(account));
  return { get: (url) => firstValueFrom(http.get(url)) };
}
