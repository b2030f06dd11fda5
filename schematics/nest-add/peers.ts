/** What is read and written of a `package.json`. */
export interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

// From Nest 12 on, these follow Nest's major version; those before are the last that are CommonJS.
const NEST_11 = { '@nestjs/axios': '^4', '@nestjs/config': '^4', '@nestjs/schedule': '^6' };
const NEST_12 = { '@nestjs/axios': '^12', '@nestjs/config': '^12', '@nestjs/schedule': '^12' };

/** A `package.json` that depends on our peers; versions that it asks for already stay. */
export function withPeers(text: string, major: number): string {
  const manifest = JSON.parse(text) as Manifest;
  const { dependencies = {}, devDependencies = {} } = manifest;
  const peers = Object.entries({ ...(major < 12 ? NEST_11 : NEST_12), axios: '^1' });
  const missing = peers.filter(([name]) => !(name in dependencies));
  if (missing.length === 0) return text;
  for (const [name, range] of missing) {
    dependencies[name] = devDependencies[name] ?? range;
    delete devDependencies[name];
  }
  manifest.dependencies = Object.fromEntries(
    Object.entries(dependencies).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? '  ';
  const end = /\s*$/.exec(text)?.[0] ?? '';
  return JSON.stringify(manifest, null, indent) + end;
}
