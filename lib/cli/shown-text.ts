// Long enough for every command, flag, path and field there is.
const WORD = /^[a-z][a-z_-]{0,39}$/i;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
// `where[status]`
const FIELD = /^[a-z_]{1,40}(?:\[[a-z_]{1,40}\])?$/i;

const HIDDEN = '…';

/** Whether a text may be repeated: a word is no secret, and a flag or a command is one. */
export function isPlainWord(text: string): boolean {
  return WORD.test(text);
}

/** A path with its query, without what may be a secret or a token: values are never shown. */
export function shownPath(path: string): string {
  const [address = '', query] = path.split(/\?(.*)/s, 2);
  const shown = address.split('/').map(shownPart).join('/');
  return query === undefined ? shown : `${shown}?${shownQuery(query)}`;
}

function shownPart(part: string): string {
  return part === '' || isPlainWord(part) || UUID.test(part) ? part : HIDDEN;
}

function shownQuery(query: string): string {
  const names = [...new URLSearchParams(query).keys()];
  return names.map((name) => `${FIELD.test(name) ? name : HIDDEN}=${HIDDEN}`).join('&');
}
