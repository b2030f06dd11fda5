/** What is wrong with the text of CHANGELOG.md for a release of this version, as sentences. */
export function changelogFaults(text, version) {
  const sections = sectionsOf(text);
  const unreleased = sections.find(isUnreleased);
  const newest = sections.find((section) => !isUnreleased(section));
  return [
    newest?.version !== version &&
      `its newest version is ${newest?.version ?? 'none'}, not ${version}`,
    newest?.version === version && newest.entries === 0 && `nothing is told of ${version}`,
    newest?.version === version &&
      !newest.isDated &&
      `${version} has no date ("## ${version} - YYYY-MM-DD")`,
    unreleased?.entries > 0 &&
      `${unreleased.entries} entries are "Unreleased": move them to ${version}`,
  ].filter(Boolean);
}

function sectionsOf(text) {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title, ...lines] = section.split('\n');
      return {
        version: /^\[?([^\]\s]*)/.exec(title)[1],
        isDated: / - \d{4}-\d{2}-\d{2}\s*$/.test(title),
        entries: lines.filter((line) => /^[-*] /.test(line)).length,
      };
    });
}

function isUnreleased({ version }) {
  return version.toLowerCase() === 'unreleased';
}
