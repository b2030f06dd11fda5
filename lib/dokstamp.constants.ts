import { Inject, type InjectionToken } from '@nestjs/common';
import { DokStampHttpService } from './http/dokstamp-http.service.js';
import { TokenService } from './token/token.service.js';

/** Injection token of an account's `DokStampHttpService`: the class itself without a name. For `moduleRef.get` in tests. */
export function getDokStampHttpToken(name?: string): InjectionToken<DokStampHttpService> {
  return name === undefined ? DokStampHttpService : Symbol.for(`nestjs-dokstamp/http/${name}`);
}

/** Injection token of an account's `TokenService`: the class itself without a name. For `moduleRef.get` in tests. */
export function getTokenServiceToken(name?: string): InjectionToken<TokenService> {
  return name === undefined ? TokenService : Symbol.for(`nestjs-dokstamp/token/${name}`);
}

/** Injects the `DokStampHttpService` of the account with this name, or of the one without a name. */
export const InjectDokStampHttp = (name?: string): PropertyDecorator & ParameterDecorator =>
  Inject(getDokStampHttpToken(name));

/** Injects the `TokenService` of the account with this name, or of the one without a name. */
export const InjectTokenService = (name?: string): PropertyDecorator & ParameterDecorator =>
  Inject(getTokenServiceToken(name));
