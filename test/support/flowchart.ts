/** One folder, or single file, that imports another. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** What a flowchart of Mermaid draws. */
export interface Flowchart {
  readonly nodes: readonly string[];
  readonly arrows: readonly Arrow[];
}

const HEAD = 'flowchart TD';

/**
 * Reads a flowchart that is written as ours are: first each node (`name["label"]`), then each arrow (`a --> b & c`).
 * @throws for a line of another kind, and for an arrow to or from what is no node
 */
export function readFlowchart(text: string): Flowchart {
  const [head, ...lines] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (head !== HEAD) throw new Error(`A flowchart begins with "${HEAD}", not with "${head}".`);
  const nodes = lines.filter((line) => !line.includes('-->')).map(nodeIn);
  const arrows = lines.filter((line) => line.includes('-->')).flatMap(arrowsIn);
  for (const name of arrows.flatMap(({ from, to }) => [from, to])) {
    if (!nodes.includes(name)) throw new Error(`An arrow names "${name}", which is no node.`);
  }
  return { nodes, arrows };
}

/** Everything that can be reached from each node along the arrows. */
export function reachable({ nodes, arrows }: Flowchart): Map<string, Set<string>> {
  const below = new Map(nodes.map((node) => [node, new Set<string>()]));
  for (const [node, found] of below) {
    const queue = [node];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      for (const { from, to } of arrows) {
        if (from !== at || found.has(to)) continue;
        found.add(to);
        queue.push(to);
      }
    }
  }
  return below;
}

function nodeIn(line: string): string {
  const start = line.indexOf('["');
  if (start <= 0 || !line.endsWith('"]')) throw new Error(`"${line}" is neither node nor arrow.`);
  return line.slice(0, start);
}

function arrowsIn(line: string): Arrow[] {
  const [from, to, ...more] = line.split('-->').map((side) => side.split('&'));
  if (!from || !to || more.length > 0) throw new Error(`"${line}" has more than one arrow.`);
  return from.flatMap((one) => to.map((other) => ({ from: one.trim(), to: other.trim() })));
}
