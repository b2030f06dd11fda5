/** A client-credentials request without any library. */
export async function requestToken({ baseURL, clientId, clientSecret }) {
  const response = await fetch(`${baseURL}/oauth/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  if (!response.ok) throw new Error(`The token endpoint has answered ${response.status}.`);
  return response.json();
}
