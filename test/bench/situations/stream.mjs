import { everyone } from './everyone.mjs';

const BYTES = 65_536;

export const stream = {
  title: 'A stream at a 401',
  text: 'The token is revoked, and a stream of 64 KiB is uploaded: what the caller is told, and what arrives.',
  head: ['first upload', 'a second one'],
  async run() {
    const anew = [];
    const rows = await everyone({}, async ({ name, child, account }) => {
      // First: a second revocation in the moment after a renewal that no replay has proved good is held back for 1 s.
      if (name === 'dokstamp-promise') anew.push(...(await twoUploads({ child, account }, true)));
      return twoUploads({ child, account });
    });
    return [...rows, ['**`nestjs-dokstamp`** with `dokStamp.body`', ...anew]];
  },
};

async function twoUploads({ child, account }, anew = false) {
  await child.call('volley', { count: 1 });
  await account.revoke();
  const told = [];
  for (let i = 0; i < 2; i++) {
    const before = (await account.counts()).uploads.length;
    const outcome = await child.call('upload', { bytes: BYTES, anew });
    const sent = (await account.counts()).uploads.slice(before);
    told.push(`${outcome}, ${arrived(sent)}`);
  }
  return told;
}

function arrived(uploads) {
  const accepted = uploads.find((upload) => upload.accepted);
  if (!accepted) return 'nothing accepted';
  return accepted.bytes === BYTES ? 'arrived whole' : `${accepted.bytes} bytes arrived`;
}
