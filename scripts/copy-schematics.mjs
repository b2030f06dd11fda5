// What the compiler does not write: the collection, the schema of the options, and the mark that this is CommonJS,
// which is how the Nest CLI loads schematics.
import { cpSync } from 'node:fs';

for (const file of ['package.json', 'collection.json', 'nest-add/schema.json']) {
  cpSync(
    new URL(`../schematics/${file}`, import.meta.url),
    new URL(`../dist/schematics/${file}`, import.meta.url),
  );
}
