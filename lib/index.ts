export {
  InjectDokStampHttp,
  InjectTokenService,
  getDokStampHttpToken,
  getTokenServiceToken,
} from './dokstamp.constants.js';
export { DokStampModule } from './dokstamp.module.js';
export { DokStampConfigError } from './errors/dokstamp-config.error.js';
export { DokStampExceptionFilter } from './errors/dokstamp-exception.filter.js';
export {
  DokStampError,
  type DokStampErrorCode,
  type DokStampErrorDetails,
  isDokStampError,
} from './errors/dokstamp.error.js';
export { DokStampHttpService } from './http/dokstamp-http.service.js';
export type { DokStampRequestOptions } from './options/dokstamp-request-options.interface.js';
export { dokStampConfig } from './options/dokstamp.config.js';
export type {
  DokStampAccountExtras,
  DokStampAsyncOptions,
  DokStampCredentials,
  DokStampOptions,
  DokStampOptionsFactory,
  HttpDefaults,
} from './options/dokstamp-options.interface.js';
export type { TokenStore } from './options/token-store.interface.js';
export type { TokenEvent, TokenRequestReason } from './token/token-event.interface.js';
export { TokenService } from './token/token.service.js';
export type { TokenStatus } from './token/token-status.js';
export type { WaitOptions } from './token/wait.js';
