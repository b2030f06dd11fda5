import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

const THIS_MACHINE = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** The page's buttons work from the page only, and not from any other that is open in the browser. */
@Injectable()
export class SameOriginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: Readonly<Record<string, string | undefined>> }>();
    // Another name that leads to this machine is another page's.
    if (!THIS_MACHINE.test(headers.host ?? '')) return false;
    // Browsers send it to this machine; curl does not.
    const site = headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }
}
