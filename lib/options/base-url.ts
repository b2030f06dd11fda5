const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What is wrong with a base URL, in words that follow its name; nothing of the value is repeated. */
export function baseUrlFaults(value: unknown, allowInsecureHttp: boolean): string[] {
  if (typeof value !== 'string' || !URL.canParse(value)) {
    return ['must be an absolute URL such as https://api.dokstamp.com'];
  }
  const url = new URL(value);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return ['must be an https: URL'];
  const faults: string[] = [];
  if (url.username || url.password) faults.push('must not carry user info');
  if (/[?#]/.test(value)) faults.push('must not carry a query or fragment');
  if (url.protocol === 'http:' && !allowInsecureHttp && !LOOPBACK.test(url.hostname)) {
    faults.push('must be https: (http: is for loopback hosts, or set allowInsecureHttp)');
  }
  return faults;
}
