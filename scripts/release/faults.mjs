import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { valid } from 'semver';
import { changelogFaults } from './changelog.mjs';

/** Why the package in the current folder is no release yet, as sentences: its version, its lockfile, its changelog. */
export function contentFaults() {
  const { version } = json('package.json');
  const lock = json('package-lock.json');
  const released = git('rev-parse', '--quiet', '--verify', `v${version}^{commit}`);
  return [
    !valid(version) && `package.json: "${version}" is no version.`,
    (lock.version !== version || lock.packages[''].version !== version) &&
      `package-lock.json: its version is not ${version}: run npm install.`,
    ...changelogFaults(read('CHANGELOG.md'), version).map((fault) => `CHANGELOG.md: ${fault}.`),
    released &&
      released !== git('rev-parse', 'HEAD') &&
      `v${version} is another commit: set a new version.`,
  ].filter(Boolean);
}

/** Why it must not be released from this checkout, with this tag if there is one. */
export function checkoutFaults(tag) {
  const { version, repository } = json('package.json');
  const origin = git('remote', 'get-url', 'origin');
  const changes = git('status', '--porcelain');
  return [
    tag !== undefined &&
      tag !== `v${version}` &&
      `The tag is ${tag}, the version ${version}: tag v${version}.`,
    // Where they differ the registry refuses the provenance.
    ownerAndName(origin) !== ownerAndName(repository.url) &&
      `package.json: repository.url is ${repository.url}, the remote "origin" ${origin || 'not set'}.`,
    changes && `The work tree has changes that are not committed:\n${changes}`,
  ].filter(Boolean);
}

function ownerAndName(address) {
  return /([^/:]+\/[^/]+?)(\.git)?$/.exec(address)?.[1];
}

function git(...args) {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', args, { encoding: 'utf8', stdio }).trimEnd();
  } catch {
    return '';
  }
}

function json(path) {
  return JSON.parse(read(path));
}

function read(path) {
  return readFileSync(path, 'utf8');
}
