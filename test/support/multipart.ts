import type { SeenRequest } from './stub-server.js';

/** The parts of a received multipart form, by name and text. */
export async function partsOf({ body, headers }: SeenRequest): Promise<[string, string][]> {
  const type = headers['content-type'] ?? '';
  const response = new Response(new Uint8Array(body), { headers: { 'content-type': type } });
  const parts = [...(await response.formData())];
  return Promise.all(
    parts.map(async ([name, value]): Promise<[string, string]> => [
      name,
      typeof value === 'string' ? value : await value.text(),
    ]),
  );
}
