import { z } from 'zod';

/** What it takes to issue a diploma; the PDF has been uploaded before. */
export const diplomaSchema = z.object({
  file_uuid: z.guid(),
  institution: z.object({ name: z.string().min(1).max(255), country: z.string().length(2) }),
  course: z.object({ name: z.string().min(1).max(255), code: z.string().min(1) }),
  student: z.object({ name: z.string().min(1), email: z.email(), date_of_birth: z.iso.date() }),
});

export type Diploma = z.infer<typeof diplomaSchema>;

/** Which certificates to list, and in which order. A misspelt filter is refused, else it would list them all. */
export const listSchema = z.strictObject({
  status: z.enum(['draft', 'issued', 'revoked', 'expired']).optional(),
  course_uuid: z.guid().optional(),
  student_uuid: z.guid().optional(),
  sort: z.enum(['issued_at', 'status']).default('issued_at'),
  order: z.enum(['asc', 'desc']).default('desc'),
});

export type List = z.infer<typeof listSchema>;

/** The reason may be left out, and with it the whole body. */
export const revocationSchema = z.object({ reason: z.string().min(1).optional() }).default({});

export type Revocation = z.infer<typeof revocationSchema>;
