const TITLE = '# DokStamp: the pair from your account manager, and the tenant';
const LINES = [
  'DOKSTAMP_CLIENT_ID=',
  'DOKSTAMP_CLIENT_SECRET=',
  'DOKSTAMP_TENANT=',
  '# DOKSTAMP_CLIENT_ID_FILE=/run/secrets/dokstamp-client-id',
  '# DOKSTAMP_CLIENT_SECRET_FILE=/run/secrets/dokstamp-client-secret',
  '# DOKSTAMP_BASE_URL=https://api.dokstamp.com',
  '# DOKSTAMP_STARTUP=background',
  '# DOKSTAMP_RENEW_BEFORE_EXPIRY=60',
  '# DOKSTAMP_TOKEN_TIMEOUT=10000',
];

/** An `.env.example` that names every variable; those it names already, commented or not, stay as they are. */
export function withVariables(text: string): string {
  const named = new Set(Array.from(text.matchAll(/^[ \t#]*(?:export )?(\w+)=/gm), ([, it]) => it));
  const missing = LINES.filter((line) => !named.has(/\w+/.exec(line)?.[0]));
  if (missing.length === 0) return text;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const before = text.trimEnd();
  return [...(before ? [before, ''] : []), TITLE, ...missing, ''].join(eol);
}
