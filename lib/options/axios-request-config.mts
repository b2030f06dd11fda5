import type {} from 'axios';
import type { DokStampRequestOptions } from './dokstamp-request-options.interface.js' with {
  'resolution-mode': 'import',
};

declare module 'axios' {
  interface AxiosRequestConfig {
    /** Options of `nestjs-dokstamp` for this request. */
    dokStamp?: DokStampRequestOptions | undefined;
  }
}
