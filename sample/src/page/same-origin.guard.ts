import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

/** The page's buttons work from the page only, and not from any other that is open in the browser. */
@Injectable()
export class SameOriginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: Readonly<Record<string, string | undefined>> }>();
    // Browsers always send it; curl does not.
    const site = headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }
}
