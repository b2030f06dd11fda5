import type { Fields } from '../resources/resource-store.js';
import { onePagePdf } from './one-page-pdf.js';

/** What the `n`-th thing of its kind gets for the fields that the API requires. */
export const SEED_DEFAULTS = {
  institutions: (n: number): Fields => ({ name: `Institution ${n}`, country: 'BR' }),
  students: (n: number): Fields => ({
    name: `Student ${n}`,
    email: `student-${n}@sandbox.test`,
    date_of_birth: '2000-01-01',
  }),
  courses: (n: number): Fields => ({ name: `Course ${n}` }),
  files: (n: number): Fields => ({
    original_name: `diploma-${n}.pdf`,
    mime_type: 'application/pdf',
    content: onePagePdf(`Diploma ${n}`),
  }),
} as const;
