/** A fenced block of a page. */
export interface CodeBlock {
  readonly code: string;
  /** The number of its first line in the page, from 1. */
  readonly line: number;
}

/** The fenced blocks of a page in one language. */
export function codeBlocks(text: string, language: string): CodeBlock[] {
  const fences = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(fences)].map(({ 1: code = '', index }) => ({
    code,
    line: text.slice(0, index).split('\n').length + 1,
  }));
}
