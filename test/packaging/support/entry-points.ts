import manifest from '../../../package.json' with { type: 'json' };

/** A way into the package: a subpath of `exports` that leads to code. */
export interface EntryPoint {
  /** What an app imports, without the package's name: `.` or `./testing`. */
  readonly subpath: string;
  readonly import: Target;
  readonly require: Target;
}

interface Target {
  readonly types: string;
  readonly default: string;
}

/** All of them, as `exports` of the manifest lists them. */
export const ENTRY_POINTS: readonly EntryPoint[] = Object.entries(manifest.exports).flatMap(
  ([subpath, target]) => (typeof target === 'string' ? [] : [{ subpath, ...target }]),
);

/** Its name in one word: `nestjs-dokstamp` or `nestjs-dokstamp-testing`. */
export function nameOf({ subpath }: EntryPoint): string {
  return `${manifest.name}${subpath.slice(1).replaceAll('/', '-')}`;
}
