import { HttpService } from '@nestjs/axios';
import { Observable } from 'rxjs';
import type { AxiosConfig, AxiosResponse } from '../axios/axios.types.js';
import { Unsubscription } from '../axios/observable-cancel-token.js';

/**
 * `HttpService` of `@nestjs/axios` for the DokStamp API: `get`, `post` and the others give Observables, `axiosRef`
 * gives promises, both with `Authorization`, `X-Tenant` and `Accept` on requests to the API and only there.
 * A 401 is answered with one renewal for all and one replay (another one where the token of the first came from a token
 * store and is refused too); a failed token request rejects with a `DokStampError`.
 * What the API answers otherwise rejects with an `AxiosError`, as in any `HttpService`.
 *
 * @example
 * ```ts
 * // with `@Injectable()`
 * export class CertificatesService {
 *   constructor(private readonly dokstamp: DokStampHttpService) {}
 *
 *   async issued() {
 *     const { data } = await this.dokstamp.axiosRef.get('/certificates', {
 *       params: { where: { status: 'issued' }, per_page: 50 },
 *       dokStamp: { tenant: 'my-university' }, // only where it is not the one of the options
 *     });
 *     return data.data;
 *   }
 * }
 * ```
 */
export class DokStampHttpService extends HttpService {
  /**
   * As the original, but with a cancel token that costs next to nothing unless the call is unsubscribed. The original
   * makes a promise and several closures for each call and, since RxJS tears down after completion too, an error with
   * its stack trace at the end of every call: with it a call costs half as much again.
   */
  protected override makeObservable(
    send: (...args: unknown[]) => Promise<AxiosResponse>,
    ...args: unknown[]
  ): Observable<AxiosResponse> {
    return new Observable<AxiosResponse>((subscriber) => {
      const given = args.at(-1) as AxiosConfig | undefined;
      const unsubscription = new Unsubscription(given?.cancelToken);
      const config = Object.assign({}, given, { cancelToken: unsubscription });
      send(...args.slice(0, -1), config).then(
        (response) => {
          unsubscription.settle();
          subscriber.next(response);
          subscriber.complete();
        },
        (error: unknown) => {
          unsubscription.settle();
          subscriber.error(error);
        },
      );
      // Also for a stream, which is read after the Observable has completed: by then the call is settled.
      return () => unsubscription.cancel();
    });
  }
}
