import manifest from '../../../package.json' with { type: 'json' };

/** A subpath of `exports` that leads to code. */
export interface EntryPoint {
  /** Without the name of the package: `.` or `./testing`. */
  readonly subpath: string;
  readonly import: Target;
  readonly require: Target;
}

interface Target {
  readonly types: string;
  readonly default: string;
}

/** The entry points in the order of the manifest. */
export const ENTRY_POINTS: readonly EntryPoint[] = Object.entries(manifest.exports).flatMap(
  ([subpath, target]) => (typeof target === 'string' ? [] : [{ subpath, ...target }]),
);

/** The name of an entry point as a file name: `nestjs-dokstamp` or `nestjs-dokstamp-testing`. */
export function nameOf({ subpath }: EntryPoint): string {
  return `${manifest.name}${subpath.slice(1).replaceAll('/', '-')}`;
}
