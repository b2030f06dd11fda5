import type { CollectionName, Fields, ResourceStore, StoredRecord } from './resource-store.js';

/** Field name to the texts that say what is wrong with it. */
export type FieldErrors = Record<string, string[]>;

/** What was given for an object cannot be one. */
export class InvalidFieldsError extends Error {
  constructor(readonly errors: Readonly<FieldErrors>) {
    super(Object.values(errors).flat().join(' '));
  }
}

/** @throws {InvalidFieldsError} if there are any */
export function refuseInvalid(errors: FieldErrors): void {
  if (Object.keys(errors).length > 0) throw new InvalidFieldsError(errors);
}

/** What DokStamp documents about the fields of one kind of object. */
export interface FieldRules {
  /** Every field a client may set, with its default. */
  defaults: Fields;
  required: string[];
  /** Whether the object shows `updated_at` beside `created_at`. */
  showsUpdate?: boolean;
  maxLength?: Record<string, number>;
  oneOf?: Record<string, string[]>;
  unique?: string;
  /** Field to what it refers to; `undefined` stands for a kind that the sandbox does not keep. */
  references?: Record<string, CollectionName | undefined>;
}

/** Takes from a body what a client may set. */
export function settable(rules: FieldRules, body: Fields): Fields {
  return Object.fromEntries(
    Object.entries(body).filter(([field]) => Object.hasOwn(rules.defaults, field)),
  );
}

/** Checks `fields`, the whole object as it would be, of which `given` came with the request. */
export function fieldErrors(
  rules: FieldRules,
  store: ResourceStore,
  collection: CollectionName,
  fields: Fields,
  given: Fields,
  current?: StoredRecord,
): FieldErrors {
  const errors: FieldErrors = {};
  const add = (field: string, text: string) => (errors[field] ??= []).push(text);

  for (const field of rules.required) {
    if (isBlank(fields[field])) add(field, `The ${words(field)} field is required.`);
  }
  for (const [field, max] of Object.entries(rules.maxLength ?? {})) {
    const value = fields[field];
    if (isBlank(value)) continue;
    if (typeof value !== 'string') add(field, `The ${words(field)} field must be a string.`);
    else if (value.length > max) {
      add(field, `The ${words(field)} field must not be greater than ${max} characters.`);
    }
  }
  for (const [field, values] of Object.entries(rules.oneOf ?? {})) {
    if (!values.includes(String(fields[field]))) add(field, selectedIsInvalid(field));
  }
  for (const [field, target] of Object.entries(rules.references ?? {})) {
    if (isBlank(given[field])) continue;
    if (!target || !store[target].get(given[field])) add(field, selectedIsInvalid(field));
  }
  const { unique } = rules;
  if (unique && isTaken(store[collection].all(), unique, fields[unique], current)) {
    add(unique, `The ${words(unique)} has already been taken.`);
  }
  return errors;
}

export function selectedIsInvalid(field: string): string {
  return `The selected ${words(field)} is invalid.`;
}

function isTaken(records: StoredRecord[], field: string, value: unknown, current?: StoredRecord) {
  return !isBlank(value) && records.some((one) => one !== current && one[field] === value);
}

function isBlank(value: unknown): boolean {
  return value == null || (typeof value === 'string' && value.trim() === '');
}

function words(field: string): string {
  return field.replaceAll('_', ' ');
}
