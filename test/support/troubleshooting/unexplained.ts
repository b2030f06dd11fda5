import { HOLE } from './messages-of-lib.js';

/** A text of the library as it may stand in a documented message. */
export interface Template {
  readonly whole: RegExp;
  /** The beginning of the text, where the page ends the message with `…`. */
  readonly cut: RegExp;
}

// Stands for what a template has explained.
const EXPLAINED = '\0';

/** The template of a text with holes, as `templatesOfLib()` lists it. */
export function templateOf(text: string): Template {
  const words = text.split(' ').map((word) => escaped(word).replaceAll(HOLE, '([^]*?)'));
  const cut = words.reduceRight((rest, word) => `${word}(?: ${rest}| ?${HOLE})`);
  return { whole: new RegExp(words.join(' ')), cut: new RegExp(cut) };
}

/** The parts of a documented message that no template produces. */
export function unexplained(message: string, templates: readonly Template[]): string[] {
  const parts: string[] = [];
  const texts = [message];
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    for (let best = bestMatch(text, templates); best; best = bestMatch(text, templates)) {
      const [found, ...holes] = best;
      text = text.replace(found, () => EXPLAINED);
      texts.push(...holes.filter((hole) => hole !== undefined));
    }
    parts.push(...text.split(new RegExp(`[${HOLE}${EXPLAINED}]`)));
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The match that explains most: a message is one text with other texts in its holes. */
function bestMatch(text: string, templates: readonly Template[]): RegExpExecArray | undefined {
  let best: RegExpExecArray | undefined;
  const isCut = text.includes(HOLE);
  for (const { whole, cut } of templates) {
    const match = whole.exec(text) ?? (isCut ? cut.exec(text) : undefined);
    if (match && literalLength(match) > (best ? literalLength(best) : 0)) best = match;
  }
  return best;
}

function literalLength([found, ...holes]: RegExpExecArray): number {
  return found.length - holes.join('').length;
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
