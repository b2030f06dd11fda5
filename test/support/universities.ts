import { json, stubServer } from './stub-server.js';

/** An API request as it arrived. */
export interface UniversityCall {
  readonly tenant: string | undefined;
  /** The key of the account whose token it carried. */
  readonly owner: string | undefined;
  readonly isAccepted: boolean;
}

export type Universities = Awaited<ReturnType<typeof universities>>;

/**
 * A DokStamp with an account for each university: its client id is the key, its tenant `tenant-<key>`, its secret
 * `secret-of-<key>-<version>`. A request with the token of one and the tenant of another is answered with 401.
 */
export async function universities() {
  const versions = new Map<string, number>();
  const owners = new Map<string, string>();
  const tokenRequests = new Map<string, number>();
  const calls: UniversityCall[] = [];
  const failing = new Set<string>();
  let issued = 0;
  const secretOf = (key: string) => `secret-of-${key}-${versions.get(key) ?? 1}`;
  const server = await stubServer((request, response) => {
    if (request.url === '/oauth/token') {
      const form = new URLSearchParams(request.body.toString());
      const key = form.get('client_id') ?? '';
      tokenRequests.set(key, (tokenRequests.get(key) ?? 0) + 1);
      if (failing.has(key)) return json(response, 503, {});
      if (form.get('client_secret') !== secretOf(key)) {
        return json(response, 401, { error: 'invalid_client' });
      }
      const access_token = `token_${++issued}_of_${key}`;
      owners.set(access_token, key);
      return json(response, 200, { token_type: 'Bearer', expires_in: 3_600, access_token });
    }
    const owner = owners.get((request.headers.authorization ?? '').replace('Bearer ', ''));
    const tenant = request.headers['x-tenant'] as string | undefined;
    const isAccepted = owner !== undefined && tenant === `tenant-${owner}`;
    calls.push({ tenant, owner, isAccepted });
    return json(response, isAccepted ? 200 : 401, { owner });
  });
  return {
    url: server.url,
    calls,
    tokenRequests,
    /** How many token requests each key sent. */
    tokenRequestsOf: (key: string) => tokenRequests.get(key) ?? 0,
    /** The keys whose token requests are answered with 503. */
    failing,
    /** The options of one account, as the database of an app stores them. */
    optionsOf: (key: string) => ({
      clientId: key,
      clientSecret: secretOf(key),
      tenant: `tenant-${key}`,
    }),
    /** Revokes all tokens of this university. */
    revoke(key: string) {
      for (const [token, owner] of owners) if (owner === key) owners.delete(token);
    },
    /** Gives it another client secret, and revokes all its tokens. */
    rotate(key: string) {
      versions.set(key, (versions.get(key) ?? 1) + 1);
      this.revoke(key);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
