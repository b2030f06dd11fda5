const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What is wrong with a base URL, in words that follow its name. Nothing of the value is repeated. */
export function baseUrlFaults(value: unknown, allowInsecureHttp: boolean): string[] {
  if (typeof value !== 'string' || !URL.canParse(value)) {
    return ['must be an absolute URL such as https://api.dokstamp.com'];
  }
  const url = new URL(value);
  const [beforeFragment = ''] = value.split('#', 1);
  return [
    ...protocolFaults(url, allowInsecureHttp),
    ...(url.username || url.password ? ['must not carry user info'] : []),
    // Of the text, because a URL with an empty query or fragment does not show it.
    ...(beforeFragment.includes('?') ? ['must not carry a query'] : []),
    ...(value.includes('#') ? ['must not carry a fragment'] : []),
  ];
}

function protocolFaults({ protocol, hostname }: URL, allowInsecureHttp: boolean): string[] {
  if (protocol === 'https:') return [];
  if (protocol !== 'http:') return ['must be an https: URL'];
  const isAllowed = allowInsecureHttp || LOOPBACK.test(hostname);
  return isAllowed
    ? []
    : ['must be https: (http: is for loopback hosts, or set allowInsecureHttp)'];
}
