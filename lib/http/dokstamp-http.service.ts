import { HttpService } from '@nestjs/axios';

/**
 * `HttpService` of `@nestjs/axios` for the DokStamp API: `get`, `post` and the others give Observables, `axiosRef`
 * gives promises, both with `Authorization`, `X-Tenant` and `Accept` on requests to the API and only there.
 * A 401 is answered with one renewal for all and one replay; a failed token request rejects with a `DokStampError`.
 */
export class DokStampHttpService extends HttpService {}
