import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

/** The page's buttons work from the page only, and not from any other that is open in the browser. */
@Injectable()
export class SameOriginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: Readonly<Record<string, string | undefined>> }>();
    // Another name that leads to this machine is another page's.
    const { hostname } = new URL(`http://${headers.host}`);
    if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) return false;
    // Browsers send it to this machine; curl does not.
    const site = headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }
}
