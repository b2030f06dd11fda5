import type { Methods } from './call.interface.js';
import type { Reply } from './replies.js';

/** Who may call: anyone, a bearer of a token, or one who names the tenant too. */
export type Access = 'public' | 'token' | { withoutTenant: () => Reply };

/** A path template, who may call it, and what answers. */
export class Route {
  readonly #template: string[];

  constructor(
    template: string,
    readonly access: Access,
    readonly methods: Methods,
  ) {
    this.#template = segmentsOf(template);
  }

  /** The `{uuid}` of the path (empty if the template has none), or undefined if it is not this. */
  match(segments: string[]): string | undefined {
    const template = this.#template;
    if (segments.length !== template.length) return undefined;
    let uuid = '';
    for (const [index, part] of template.entries()) {
      const segment = segments[index] ?? '';
      if (part === '{uuid}') uuid = segment;
      else if (part !== segment) return undefined;
    }
    return uuid;
  }
}

export function segmentsOf(path = ''): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
