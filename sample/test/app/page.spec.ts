import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { accountAt, start } from '../support/sample.js';

/** The status of an order that names this machine otherwise, as a page does whose name leads here. */
async function postAs(host: string, url: string): Promise<number | undefined> {
  const headers = { host, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  const order = request(url, { method: 'POST', headers }).end('{"callers":1}');
  const [answer] = (await once(order, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

describe('the address of the sample', () => {
  it('answers with the page, which may load nothing from elsewhere', async () => {
    const { child, ended, listening } = start([]);
    const url = await listening;
    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('vary')).toContain('Accept');
    expect(await answer.text()).toContain('<h1>nestjs-dokstamp at work</h1>');
    const policy = answer.headers.get('content-security-policy')!;
    const sources = policy.split(';').map((directive) => directive.split(' ').slice(1).join(' '));
    expect(new Set(sources)).toEqual(new Set(["'none'", "'self'"]));
    expect(policy).toContain("default-src 'none'");
    child.kill('SIGTERM');
    await ended;
  });

  it('streams frames with ids, tells those that were missed, and ends the streams at shutdown', async () => {
    const { child, ended, listening } = start([]);
    const url = await listening;
    const frames = async (headers: Record<string, string>, enough: number, query = '') => {
      const leaving = new AbortController();
      const answer = await fetch(`${url}/live/frames${query}`, { headers, signal: leaving.signal });
      const ids: string[] = [];
      let text = '';
      for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        ids.splice(0, ids.length, ...[...text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id!));
        if (ids.length >= enough) break;
      }
      leaving.abort();
      return { ids, text };
    };
    const first = await frames({}, 2);
    expect(first.text).toContain('retry: 1000');
    const rest = await frames({ 'last-event-id': first.ids[0]! }, 2);
    expect(rest.ids[0]).toBe(first.ids[1]);

    // A page that opens its stream anew tells it by the address.
    const asked = await frames({}, 1, `?after=${encodeURIComponent(first.ids[0]!)}`);
    expect(asked.ids[0]).toBe(first.ids[1]);

    const open = await fetch(`${url}/live/frames`);
    child.kill('SIGTERM');
    // To its end, which a stream that is cut off does not have.
    expect(await open.text()).toContain('retry: 1000');
    expect((await ended).errors).toBe('');
  });

  it('takes orders of its own page only, and refuses those that it does not know', async () => {
    const { child, ended, listening } = start([]);
    const url = await listening;
    const post = async (path: string, body: object, site?: string) => {
      const headers = {
        'content-type': 'application/json',
        ...(site && { 'sec-fetch-site': site }),
      };
      return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) }))
        .status;
    };
    expect(await post('/live/load', { callers: 1 }, 'cross-site')).toBe(403);
    expect(await post('/live/actions/revoke', {}, 'same-site')).toBe(403);
    expect(await postAs('evil.example', `${url}/live/load`)).toBe(403);
    expect(await post('/live/load', { callers: 1 }, 'same-origin')).toBe(204);
    expect(await post('/live/load', { callers: 1_000 })).toBe(400);
    expect(await post('/live/actions/nonsense', {})).toBe(404);
    expect(await post('/live/fleet', { do: 'start' })).toBe(409);
    expect(await post('/live/actions/revoke', {})).toBe(202);
    expect(await post('/live/actions/revoke', {})).toBe(409);
    child.kill('SIGTERM');
    await ended;
  });

  it('shows the token of an account of one’s own, and takes no orders there', async () => {
    await using dokstamp = await DokStampSandbox.start();
    const { child, ended, listening } = start(['--real'], accountAt(dokstamp));
    const url = await listening;
    expect((await fetch(url)).status).toBe(200);
    for (const path of ['/live/actions/revoke', '/live/load', '/live/fleet']) {
      expect((await fetch(url + path, { method: 'POST' })).status).toBe(404);
    }
    child.kill('SIGTERM');
    await ended;
  });
});
