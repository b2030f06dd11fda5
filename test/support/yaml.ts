import { parsers } from 'prettier/plugins/yaml';

/** A node of a YAML text, as Prettier reads it. */
interface YamlNode {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly (YamlNode | null)[];
}

export type YamlValue =
  string | number | boolean | null | YamlValue[] | { [key: string]: YamlValue };

/** The value of a YAML text of one document, in the JSON schema of YAML 1.2. @throws for what is none, and for an alias */
export async function parseYaml(text: string): Promise<YamlValue> {
  // The parser looks at no option.
  const root = (await parsers.yaml.parse(text, {} as never)) as YamlNode;
  const documents = childrenOf(root);
  const body = childrenOf(documents[0]).find(({ type }) => type === 'documentBody');
  if (documents.length !== 1 || !body) throw new Error('A text of one YAML document was expected.');
  return valueOf(childrenOf(body)[0]);
}

function valueOf(node: YamlNode | undefined): YamlValue {
  const children = childrenOf(node);
  switch (node?.type) {
    case undefined:
      return null;
    case 'mapping':
    case 'flowMapping':
      return Object.fromEntries(children.map(entryOf));
    case 'sequence':
    case 'flowSequence':
      return children.map((item) => valueOf(childrenOf(item)[0]));
    case 'plain':
      return scalarOf(node?.value ?? '');
    case 'quoteDouble':
    case 'quoteSingle':
    case 'blockLiteral':
    case 'blockFolded':
      return node?.value ?? '';
    default:
      throw new Error(`YAML of the kind "${node?.type}" is not read here.`);
  }
}

function entryOf({ children = [] }: YamlNode): [string, YamlValue] {
  const [key, value] = children.map((side) => childrenOf(side ?? undefined)[0]);
  return [key?.value ?? '', valueOf(value)];
}

function scalarOf(text: string): YamlValue {
  if (/^(?:true|false|null|-?\d+(?:\.\d+)?)$/.test(text)) return JSON.parse(text) as YamlValue;
  return text;
}

function childrenOf(node: YamlNode | undefined): YamlNode[] {
  return (node?.children ?? []).filter((child) => child !== null);
}
