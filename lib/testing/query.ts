import { json, type Reply } from './replies.js';
import type { StoredRecord } from './resources/resource-store.js';

const DEFAULT_PER_PAGE = 15;

/** Answers a list request: `where[field]`, `sort[column]`, `sort[order]`, `per_page`, `page`. */
export function listReply(
  records: StoredRecord[],
  query: URLSearchParams,
  render: (record: StoredRecord) => object,
): Reply {
  const found = sorted(filtered(records, query), query);
  const perPage = positiveInteger(query.get('per_page')) ?? DEFAULT_PER_PAGE;
  const page = positiveInteger(query.get('page')) ?? 1;
  const start = (page - 1) * perPage;
  return json(200, {
    data: found.slice(start, start + perPage).map(render),
    meta: { current_page: page, per_page: perPage, total: found.length },
  });
}

function filtered(records: StoredRecord[], query: URLSearchParams): StoredRecord[] {
  const conditions = new Map<string, string>();
  for (const [key, value] of query) {
    const field = /^where\[([^\]]+)\]$/.exec(key)?.[1];
    if (field !== undefined) conditions.set(field, value);
  }
  return records.filter((record) =>
    [...conditions].every(([field, text]) => matches(record[field], text)),
  );
}

// A field that the object does not have matches nothing, so that a misspelt filter shows itself.
function matches(value: unknown, text: string): boolean {
  if (value === undefined) return false;
  return value === null ? text === 'null' : asText(value) === text;
}

function sorted(records: StoredRecord[], query: URLSearchParams): StoredRecord[] {
  const column = query.get('sort[column]');
  if (!column) return records;
  const direction = query.get('sort[order]')?.toLowerCase() === 'desc' ? -1 : 1;
  return records.toSorted((a, b) => direction * compare(a[column], b[column]));
}

// Null comes first, as in MySQL.
function compare(a: unknown, b: unknown): number {
  if (a == null || b == null) return Number(a != null) - Number(b != null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [asText(a), asText(b)];
  return left < right ? -1 : Number(left > right);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function positiveInteger(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
