/** A customer of this app: talks to it over HTTP, as anybody would. */
export class RegistrarClient {
  constructor(private readonly url: string) {}

  async json<T>(method: string, path: string, body?: object): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const response = await this.send(path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }

  async send(path: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, init);
    if (response.ok) return response;
    throw new Error(
      `${init?.method ?? 'GET'} ${path} answered ${response.status}: ${await response.text()}`,
    );
  }
}
